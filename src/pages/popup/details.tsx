/** The figures of a finished picture and what they mean, folded away. */
import type { ComponentChildren } from "preact";
import { changeInPercent, duration, fileSize, percent, shortLabel } from "../../bridge/format.ts";
import { popup } from "../../bridge/strings/popup.ts";
import { measures } from "../../bridge/strings/results.ts";
import type { ProtectionReport } from "../../core/contract/protected-picture.ts";
import { Arrow } from "../components/arrow.tsx";
import { BeforeAfter } from "../components/before-after.tsx";
import { Disclosure } from "../components/disclosure.tsx";
import "./details.css";

const text = popup.result;

export function Details({ report }: { readonly report: ProtectionReport }) {
  return (
    <Disclosure title={text.details} quiet>
      <Errors report={report} />
      <dl class="figures">
        <Figure name={text.maxChange}>
          {text.maxChangeValue(trim(report.maxPerturbation), trim(report.maxChange))}
        </Figure>
        <Figure name={text.quality}>{text.qualityValue(report.ssimulacra2.toFixed(0))}</Figure>
        <Figure name={text.psnr}>{text.psnrValue(report.psnr.toFixed(1))}</Figure>
        <Figure name={text.size} wide>
          {fileSize(report.bytesIn)} <Arrow /> {fileSize(report.bytesOut)}{" "}
          <span class="figure-soft">{changeInPercent(report.bytesIn, report.bytesOut)}</span>
        </Figure>
        <Figure name={text.time}>{duration(report.seconds.total)}</Figure>
        {report.shrunkFrom && (
          <Figure name={text.pixels} wide>
            {text.pixelsValue(report.shrunkFrom)} <Arrow /> {text.pixelsValue(report)}
          </Figure>
        )}
      </dl>
      <dl class="explanations">
        {text.explanations.map(([name, explanation]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{explanation}</dd>
          </div>
        ))}
      </dl>
    </Disclosure>
  );
}

/** What the surrogate makes of the picture, in all the ways that it can tell, by their names in the field. */
function Errors({ report }: { readonly report: ProtectionReport }) {
  const { featureErrorBefore: before, featureErrorAfter: after } = report;
  return (
    <div class="errors">
      {before !== undefined && after !== undefined && (
        <BeforeAfter name={measures.feature} before={before} after={after} format={percent} />
      )}
      <BeforeAfter
        name={text.labelError(measures.label, shortLabel(report.labelName))}
        before={report.labelErrorBefore}
        after={report.labelErrorAfter}
        format={percent}
      />
      <BeforeAfter
        name={measures.bayes}
        before={report.bayesErrorBefore}
        after={report.bayesErrorAfter}
        format={percent}
      />
    </div>
  );
}

interface FigureProps {
  readonly name: string;
  readonly wide?: boolean;
  readonly children: ComponentChildren;
}

function Figure({ name, wide = false, children }: FigureProps) {
  return (
    <div class={wide ? "figure-wide" : undefined}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** 8 -> `8`, 8.25 -> `8.3`. */
function trim(value: number): string {
  return String(Math.round(10 * value) / 10);
}
