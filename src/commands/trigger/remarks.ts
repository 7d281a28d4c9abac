import type { Deps } from '../../cli/deps.js';
import { describeWarnings } from '../../session/warnings.js';
import { escapeText } from '../../terminal/escape.js';

/** Warnings of a run: on stderr as they arise, each once. */
export interface Remarks {
  readonly add: (remark: string) => void;
  /** All so far, for the JSON document. */
  readonly all: ReadonlySet<string>;
}

export function createRemarks({ json }: { readonly json: boolean }, { stderr }: Pick<Deps, 'stderr'>): Remarks {
  const all = new Set<string>();
  const add = (remark: string): void => {
    if (all.has(remark)) return;
    all.add(remark);
    if (!json) stderr.write(describeWarnings([{ message: escapeText(remark) }], stderr));
  };
  return { add, all };
}
