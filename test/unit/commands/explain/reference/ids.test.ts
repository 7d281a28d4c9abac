import { describe, expect, it } from 'vitest';
import { AUDIT_IDS } from '../../../../../src/commands/explain/reference/audit-ids.js';
import { STEP_MEANINGS, STEP_TITLES } from '../../../../../src/commands/explain/reference/check-steps.js';
import { GROUPS } from '../../../../../src/endpoint-check/step.js';
import { URL_RULES } from '../../../../../src/endpoint-check/url.js';
import { sourceTexts } from '../../../../support/source-text.js';

/** Values of the variables in ids. A new variable needs a line here. */
const VARIABLES: Readonly<Record<string, readonly string[]>> = {
  '${environment}': ['sandbox', 'production'],
  '${rule}': Object.keys(URL_RULES),
  '${suffix}': ['', '-2', '-3', '-4', '-5'],
};

/** Ids in the sources, with the given words before the dot. */
function idsIn(folders: readonly string[], groups: readonly string[]): readonly string[] {
  const pattern = new RegExp(`(?<=['\`])(?:${groups.join('|')})\\.[a-z$][\\w\${}-]*(?=['\`])`, 'g');
  const found = folders.flatMap(sourceTexts).flatMap(({ text }) => text.match(pattern) ?? []);
  // `${string}` is a type.
  const all = found
    .filter((id) => !id.includes('{string}'))
    .flatMap((id) => {
      const variable = /\$\{\w+\}/.exec(id)?.[0];
      return variable === undefined
        ? [id]
        : (VARIABLES[variable] ?? [variable]).map((each) => id.replace(variable, each));
    });
  return [...new Set(all)].sort();
}

describe('ids', () => {
  it('of check: every step has an entry, and every entry is a step', () => {
    const emitted = idsIn(['src/endpoint-check', 'src/commands/check'], GROUPS);
    expect(emitted.length).toBeGreaterThan(40);
    expect(Object.keys(STEP_TITLES).sort()).toEqual(emitted);
    expect(Object.keys(STEP_MEANINGS).sort()).toEqual(emitted);
  });

  it('of audit: every control, forgery and observation has an entry, and every entry is one', () => {
    const emitted = idsIn(['src/audit'], ['control', 'forged', 'genuine', 'observed']);
    expect(emitted.length).toBeGreaterThan(40);
    expect(AUDIT_IDS.flatMap(({ id, also = [] }) => [id, ...also]).sort()).toEqual(emitted);
  });
});
