import type { Answer, AuditReport } from '../../endpoint/audit/report.js';
import { toJsonLine } from './json.js';

/** The one document of `audit --json`: what was believed, and all that was sent. */
export function auditToJson({ url, verdict, doubt, attempts, controls, ...rest }: AuditReport): string {
  return toJsonLine({
    url,
    verdict,
    doubt,
    counts: countAttempts(attempts),
    attempts: attempts.map(({ id, believed, httpStatus, severity, title, fix, ...more }) => ({
      ...{ id, believed, httpStatus, severity, title, fix },
      ...renameText(more),
    })),
    controls: controls.map(renameText),
    ...rest,
  });
}

/** How many forgeries were sent, and how many of them were believed, not believed, or could not be judged. */
export function countAttempts(attempts: AuditReport['attempts']): Readonly<Record<string, number>> {
  const count = (believed: boolean | null): number => attempts.filter((each) => each.believed === believed).length;
  return { sent: attempts.length, believed: count(true), refused: count(false), undecided: count(null) };
}

function renameText<T extends Pick<Answer, 'text'>>({ text, ...sent }: T): object {
  return { ...sent, answer: text };
}
