import type { CheckReport } from '../check/report.js';
import { toJsonLine } from './json.js';

/** The JSON document of `check`. */
export function checkToJson({ url, verdict, steps }: CheckReport): string {
  const shown = steps.map(({ id, group, status, title, seen, expected, sendAttemptResult, hint, ...rest }) => ({
    ...{ id, group, status, title, seen, expected, sendAttemptResult, hint },
    ...rest,
  }));
  return toJsonLine({ url, verdict, steps: shown });
}
