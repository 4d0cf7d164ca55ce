/** The last picture: what became of it, in a sentence and in pictures, or why it was not protected. */
import { age, percent } from "../../bridge/format.ts";
import { outcomeOf } from "../../bridge/outcome.ts";
import type { FinishedJob, Previews } from "../../bridge/status.ts";
import { noticeText } from "../../bridge/strings/notices.ts";
import { popup } from "../../bridge/strings/popup.ts";
import { problemText } from "../../bridge/strings/problems.ts";
import { figureOf, hadNothing, headline } from "../../bridge/strings/results.ts";
import type { ProblemData } from "../../core/contract/problem.ts";
import type { ProtectionReport } from "../../core/contract/protected-picture.ts";
import { STRENGTHS } from "../../core/contract/protection-request.ts";
import { BeforeAfter } from "../components/before-after.tsx";
import { Comparison } from "../components/comparison.tsx";
import { Details } from "./details.tsx";
import { FileLine } from "./file-line.tsx";
import "./result.css";

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
      <FileLine name={fileName} origin={host} />
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
        <h3 class="problem-title">{cancelled ? text.cancelled : text.failed}</h3>
        {!cancelled && <p>{problemText(problem)}</p>}
      </div>
    </div>
  );
}

function Protected({ report, previews }: { readonly report: ProtectionReport; readonly previews: Previews }) {
  const changed = !hadNothing(report);
  const mayBeStronger =
    changed && outcomeOf(report).level !== "high" && 255 * report.epsilon < STRENGTHS.strong.budget;
  return (
    <>
      <div class="headline">
        <p class="headline-text">{headline(report)}</p>
        {changed && <BeforeAfter {...figureOf(report)} format={percent} />}
        {mayBeStronger && <p class="note">{text.stronger}</p>}
        {report.notices.map((notice) => (
          <p key={notice.code} class="note">
            {noticeText(notice)}
          </p>
        ))}
      </div>
      <Comparison {...previews} width={report.width} height={report.height} />
      <Details report={report} />
    </>
  );
}
