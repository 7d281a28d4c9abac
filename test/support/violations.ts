import { inspect, isDeepStrictEqual } from 'node:util';

/** Rules checked against one case. A broken rule adds a line to `violations` and does not stop the test. */
export interface RuleCheck {
  /** `found` equals `wanted`, as `assert.deepStrictEqual` compares. */
  same(rule: string, found: unknown, wanted: unknown): void;
  holds(rule: string, isTrue: boolean): void;
}

/** Collects the broken rules of many cases, so that the failure of one test names all of them. */
export class Violations {
  readonly all: string[] = [];

  /** The rules of one case; `name` begins each of its violations. */
  of(name: string): RuleCheck {
    return {
      same: (rule, found, wanted) => {
        if (!isDeepStrictEqual(found, wanted))
          this.all.push(`${name}: ${rule}: ${inspect(found)} instead of ${inspect(wanted)}`);
      },
      holds: (rule, isTrue) => {
        if (!isTrue) this.all.push(`${name}: ${rule}`);
      },
    };
  }
}
