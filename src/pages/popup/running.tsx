/** The jobs under way. Screen readers hear each change of stage, not each percent. */
import { percent } from "../../bridge/format.ts";
import type { RunningJob } from "../../bridge/status.ts";
import { popup } from "../../bridge/strings/popup.ts";
import { stages } from "../../bridge/strings/stages.ts";
import { FileLine } from "./file-line.tsx";
import "./running.css";

const text = popup.running;

export function Running({ jobs }: { readonly jobs: readonly RunningJob[] }) {
  return (
    <section class="card" aria-labelledby="running-heading">
      <h2 id="running-heading" class="heading">
        {text.heading}
      </h2>
      <ul class="jobs">
        {jobs.map((job) => (
          <Job key={job.id} {...job} />
        ))}
      </ul>
    </section>
  );
}

function Job({ fileName, host, progress }: RunningJob) {
  const done = Math.min(1, Math.max(0, progress.fraction));
  const stage = stages[progress.stage];
  return (
    <li class="job">
      <FileLine name={fileName} origin={host} />
      <progress class="bar" max={1} value={done} aria-label={text.progress(fileName)} />
      <span class="job-state">
        <span>{stage}</span>
        {progress.stage !== "waiting" && <span class="figure">{percent(done)}</span>}
      </span>
      <span class="unseen" role="status">
        {text.announce(stage, fileName)}
      </span>
    </li>
  );
}
