import { EXIT, type Exit } from '../exit.js';
import { CHAPTER_NAMES, type Chapter } from '../explain/entry.js';
import { chapterOf, type Found, findTerms } from '../explain/find.js';
import { listed, openReference } from '../explain/reference.js';
import {
  chapterToJson,
  describeChapter,
  describeFound,
  describeMatch,
  describeOverview,
  foundToJson,
  overviewToJson,
} from '../render/explain.js';
import type { View } from '../render/layout.js';
import type { ExplainDeps, ExplainOptions } from './explain.js';

/**
 * Explains terms, lists a chapter, or tells what chapters there are. Exit 0 when something was found, be it only like what was asked
 * for; 1 when nothing was: whether there is such a thing is the question, and Apple may well have added it since.
 */
export async function runExplain({ terms, json }: ExplainOptions, deps: ExplainDeps): Promise<Exit> {
  const { stdout, now } = deps;
  const view: View = { paint: stdout.paint, columns: stdout.columns, nowMs: now() };
  const [only, ...others] = terms;
  const chapter = others.length === 0 ? chapterOf(only) : undefined;
  if (only !== undefined && chapter === undefined) return tellFound(findTerms(terms), json, view, deps);
  stdout.write(chapter === undefined ? overview(json, view) : wholeChapter(chapter, json, view));
  return EXIT.ok;
}

function overview(json: boolean, view: View): string {
  const sizes = CHAPTER_NAMES.map((name) => ({ name, entries: listed(openReference(name)).length }));
  return json ? overviewToJson(sizes) : describeOverview(sizes, view);
}

function wholeChapter(chapter: Chapter, json: boolean, view: View): string {
  const entries = listed(openReference(chapter));
  return json ? chapterToJson(chapter, entries) : describeChapter(chapter, entries, view);
}

function tellFound(found: readonly Found[], json: boolean, view: View, { stdout, stderr }: ExplainDeps): Exit {
  if (json) {
    stdout.write(foundToJson(found));
  } else {
    stderr.write(found.map((each) => describeMatch(each, stderr)).join(''));
    stdout.write(found.map((each) => describeFound(each, view)).join('\n'));
  }
  return found.some(({ match }) => match === 'none') ? EXIT.no : EXIT.ok;
}
