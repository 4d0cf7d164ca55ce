/** The last picture: what became of it, in pictures and figures, or why it was not protected. */

import { age, changeInPercent, duration, fileSize, percent, shortLabel } from "../../bridge/format.ts";
import type { FinishedJob, Previews } from "../../bridge/status.ts";
import { popup } from "../../bridge/strings/popup.ts";
import { problemText } from "../../bridge/strings/problems.ts";
import type { ProblemData } from "../../core/contract/problem.ts";
import type { ProtectionReport } from "../../core/contract/protected-picture.ts";
import { Comparison } from "../components/comparison.tsx";

const text = popup.result;

export interface ResultProps {
  readonly job: FinishedJob;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export function Result({ job, now }: ResultProps) {
  const { fileName, host, finishedAt, outcome } = job;
  return (
    <section class="card" aria-labelledby="result-heading">
      <div class="card-head">
        <h2 id="result-heading" class="heading">
          {text.heading}
        </h2>
        <time class="note" dateTime={new Date(finishedAt).toISOString()}>
          {age(finishedAt, now)}
        </time>
      </div>
      <span class="file">
        <span class="file-name" title={fileName}>
          {fileName}
        </span>
        <span class="file-host">{host}</span>
      </span>
      {outcome.ok ? (
        <Protected key={finishedAt} report={outcome.report} previews={outcome.previews} />
      ) : (
        <NotProtected problem={outcome.problem} />
      )}
    </section>
  );
}

function NotProtected({ problem }: { readonly problem: ProblemData }) {
  const cancelled = problem.code === "cancelled";
  return (
    <div class={cancelled ? "problem problem-mild" : "problem"}>
      <span class="problem-sign" aria-hidden="true">
        {cancelled ? "–" : "!"}
      </span>
      <div>
        <h3 class="problem-title">{popup.problem.title(problem.code)}</h3>
        {!cancelled && <p>{problemText(problem)}</p>}
      </div>
    </div>
  );
}

function Protected({ report, previews }: { readonly report: ProtectionReport; readonly previews: Previews }) {
  const { featureErrorBefore: before, featureErrorAfter: after } = report;
  return (
    <>
      <Comparison {...previews} width={report.width} height={report.height} />
      {before !== undefined && after !== undefined && (
        <div class="headline">
          <p class="headline-label">{text.featureError}</p>
          <BeforeAfter before={before} after={after} format={percent} large />
        </div>
      )}
      <div class={before === undefined ? "headline" : "headline headline-row"}>
        <p class="headline-label" title={report.labelName}>
          {text.confidence(shortLabel(report.labelName))}
        </p>
        <BeforeAfter
          before={1 - report.labelErrorBefore}
          after={1 - report.labelErrorAfter}
          format={percent}
          large={before === undefined}
        />
      </div>
      <div class="headline headline-row">
        <p class="headline-label">{text.bayesError}</p>
        <BeforeAfter
          before={report.bayesErrorBefore}
          after={report.bayesErrorAfter}
          format={(value) => value.toFixed(2)}
        />
      </div>
      <dl class="figures">
        <Figure name={text.maxChange}>{text.maxChangeValue(trim(report.maxChange))}</Figure>
        <Figure name={text.psnr}>{text.psnrValue(report.psnr.toFixed(1))}</Figure>
        <Figure name={text.ssim}>{report.ssim.toFixed(3)}</Figure>
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
      <details class="disclosure disclosure-plain">
        <summary>{text.explain}</summary>
        <dl class="explanations">
          {text.explanations.map(([name, explanation]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{explanation}</dd>
            </div>
          ))}
        </dl>
      </details>
    </>
  );
}

interface BeforeAfterProps {
  /** Shares of the whole, 0..1. */
  readonly before: number;
  readonly after: number;
  readonly format: (share: number) => string;
  readonly large?: boolean;
}

/** Two figures, and a bar whose fill goes from the first to the second. */
function BeforeAfter({ before, after, format, large = false }: BeforeAfterProps) {
  return (
    <>
      <p class={large ? "change change-large" : "change"}>
        <span class="change-before">{format(before)}</span> <Arrow />{" "}
        <span class="change-after">{format(after)}</span>
      </p>
      <span
        class="scale"
        style={{ "--before": `${100 * before}%`, "--after": `${100 * after}%` }}
        aria-hidden="true"
      >
        <span class="scale-before" />
        <span class="scale-after" />
      </span>
    </>
  );
}

function Arrow() {
  return (
    <>
      <span class="arrow" aria-hidden="true">
        →
      </span>
      <span class="unseen">{text.to}</span>
    </>
  );
}

interface FigureProps {
  readonly name: string;
  readonly wide?: boolean;
  readonly children: preact.ComponentChildren;
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
