/** The jobs under way. Screen readers hear each change of stage, not each percent. */
import type { RunningJob } from "../../bridge/status.ts";
import { popup } from "../../bridge/strings/popup.ts";
import { stages } from "../../bridge/strings/stages.ts";

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
  const done = Math.round(100 * Math.min(1, Math.max(0, progress.fraction)));
  const stage = stages[progress.stage];
  return (
    <li class="job">
      <span class="file">
        <span class="file-name" title={fileName}>
          {fileName}
        </span>
        <span class="file-host">{host}</span>
      </span>
      <progress class="bar" max={100} value={done} aria-label={text.progress(fileName)} />
      <span class="job-state">
        <span>{stage}</span>
        <span class="figure">{`${done}\u00a0%`}</span>
      </span>
      <span class="unseen" role="status">
        {text.announce(stage, fileName)}
      </span>
    </li>
  );
}
