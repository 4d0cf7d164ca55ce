/** A file in a card: its name, and where it comes from. */
import "./file-line.css";

export interface FileLineProps {
  readonly name: string;
  readonly origin: string;
}

export function FileLine({ name, origin }: FileLineProps) {
  return (
    <p class="file">
      <span class="file-name" title={name}>
        {name}
      </span>
      <span class="file-origin" title={origin}>
        {origin}
      </span>
    </p>
  );
}
