import { describe, expect, it } from 'vitest';
import { parseSelection, type SelectionFlags } from '../../../../src/commands/replay/selection.js';

const NONE: SelectionFlags = {
  all: false,
  failed: false,
  fromHistory: false,
  onlyFailures: false,
  resume: false,
  isFiltered: false,
};
const select = (args: string, flags: Partial<SelectionFlags> = {}, isPiped = false) =>
  parseSelection(args.split(' ').filter(Boolean), { ...NONE, ...flags }, isPiped);

describe('parseSelection', () => {
  it.each([
    ['one id', 'abcd', {}, { kind: 'ids', ids: ['abcd'] }],
    ['ids in any letter case', '0123456789ABCDEF last', {}, { kind: 'ids', ids: ['0123456789abcdef', 'last'] }],
    ['digits only', '1234', {}, { kind: 'ids', ids: ['1234'] }],
    ['a file', 'sent.ndjson', {}, { kind: 'inputs', inputs: ['sent.ndjson'], resume: false }],
    ['a file that is named as an id', './abcd', {}, { kind: 'inputs', inputs: ['./abcd'], resume: false }],
    ['17 digits', '0123456789abcdef0', {}, { kind: 'inputs', inputs: ['0123456789abcdef0'], resume: false }],
    ['standard input', '-', {}, { kind: 'inputs', inputs: ['-'], resume: false }],
    ['a file, filtered', 'f.json', { isFiltered: true }, { kind: 'inputs', inputs: ['f.json'], resume: false }],
    ['a file, resumed', 'f.json', { resume: true }, { kind: 'inputs', inputs: ['f.json'], resume: true }],
    ['--all', '', { all: true }, { kind: 'selection', failed: false }],
    ['--failed', '', { failed: true, isFiltered: true }, { kind: 'selection', failed: true }],
    ['a filter alone', '', { isFiltered: true }, { kind: 'selection', failed: false }],
    ['--resume', '', { resume: true }, { kind: 'resume' }],
    ['the history', '', { fromHistory: true, onlyFailures: true }, { kind: 'history', again: false, resume: false }],
    ['all of it', '', { fromHistory: true, all: true, resume: true }, { kind: 'history', again: true, resume: true }],
  ] as const)('takes %s', (_case, args, flags, expected) => expect(select(args, flags)).toEqual(expected));

  it('reads standard input where nothing else is said and it is no terminal', () => {
    expect(select('', {}, true)).toEqual({ kind: 'inputs', inputs: [], resume: false });
    expect(select('', { failed: true }, true)).toEqual({ kind: 'selection', failed: true });
  });

  it.each([
    ['nothing', '', {}, 'WHAT'],
    ['--all and --failed', '', { all: true, failed: true }, 'WHAT'],
    ['ids and files', 'abcd sent.ndjson', {}, 'WHAT'],
    ['ids and --all', 'abcd', { all: true }, 'WHAT'],
    ['files and --failed', 'sent.ndjson', { failed: true }, 'WHAT'],
    ['ids and a filter', 'abcd', { isFiltered: true }, 'WHAT'],
    ['ids and --resume', 'abcd', { resume: true }, 'WHAT'],
    ['--resume and --all', '', { resume: true, all: true }, 'WHAT'],
    ['--resume and a filter', '', { resume: true, isFiltered: true }, 'WHAT'],
    ['the history and ids', 'abcd', { fromHistory: true }, 'WHAT'],
    ['the history and --failed', '', { fromHistory: true, failed: true }, 'WHAT'],
    ['--only-failures without the history', 'abcd', { onlyFailures: true }, 'WHAT'],
    ['--environment without the history', 'abcd', { environment: 'sandbox' }, 'WHAT'],
    ['a short id', 'abc', {}, 'ID'],
  ] as const)('refuses %s', (_case, args, flags, code) => {
    expect(() => select(args, flags)).toThrow(expect.objectContaining({ code: `ERR_USAGE_REPLAY_${code}` }));
  });
});
