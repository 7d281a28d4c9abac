import type { Command } from 'commander';
import type { Deps } from '../deps.js';
import { EXIT, type Exit } from '../exit.js';
import { withExamples } from '../options.js';

export interface ExplainOptions {
  /** A chapter, names, or words to look for; empty for the overview. */
  readonly terms: readonly string[];
  readonly json: boolean;
}

export type ExplainDeps = Pick<Deps, 'stdout' | 'stderr' | 'now'>;

export function registerExplain(
  parent: Command,
  deps: Deps,
  finish: (code: Exit) => void,
  run: typeof runExplain = runExplain,
): void {
  const command = parent
    .command('explain')
    .description('offline reference: types, fields, codes, errors, statuses')
    .argument('[term...]', 'a name, a number, words to look for, or a chapter')
    .option('--json', 'print one JSON document', false)
    .action(async (terms: readonly string[], flags: Omit<ExplainOptions, 'terms'>) =>
      finish(await run({ ...flags, terms }, deps)),
    );
  withExamples(command, [
    ['storewire explain DID_RENEW', 'a type and its subtypes'],
    ['storewire explain TLS_ISSUE', 'why Apple could not deliver'],
    ['storewire explain 4040010', 'an error of the Server API'],
    ['storewire explain node 6', "a status of Apple's node library, by number"],
    ['storewire explain refund declined', 'whatever holds these words'],
    ['storewire explain statuses', 'a whole chapter'],
  ]);
}

/**
 * Explains terms, lists a chapter, or tells what chapters there are. Exit 0 when something was found, be it only like what was asked
 * for; 1 when nothing was: whether there is such a thing is the question, and Apple may well have added it since.
 */
export async function runExplain({ terms, json }: ExplainOptions, deps: ExplainDeps): Promise<Exit> {
  const { stdout, stderr, now } = deps;
  const view = { paint: stdout.paint, columns: stdout.columns, nowMs: now() };
  const { CHAPTER_NAMES } = await import('../explain/entry.js');
  const { chapterOf, findTerms } = await import('../explain/find.js');
  const { listed, openReference } = await import('../explain/reference.js');
  const show = await import('../render/explain.js');
  const chapter = terms.length === 1 ? chapterOf(terms[0]) : undefined;
  if (terms.length === 0) {
    const sizes = CHAPTER_NAMES.map((name) => ({ name, entries: listed(openReference(name)).length }));
    stdout.write(json ? show.overviewToJson(sizes) : show.describeOverview(sizes, view));
    return EXIT.ok;
  }
  if (chapter !== undefined) {
    const entries = listed(openReference(chapter));
    stdout.write(json ? show.chapterToJson(chapter, entries) : show.describeChapter(chapter, entries, view));
    return EXIT.ok;
  }
  const found = findTerms(terms);
  if (json) stdout.write(show.foundToJson(found));
  else {
    stderr.write(found.map((each) => show.describeMatch(each, { ...view, paint: stderr.paint })).join(''));
    stdout.write(found.map((each) => show.describeFound(each, view)).join('\n'));
  }
  return found.some(({ match }) => match === 'none') ? EXIT.no : EXIT.ok;
}
