import type { Argument, Command, Option } from 'commander';
import type { Deps } from '../../cli/deps.js';
import { isJsonObject } from '../../jws/json.js';
import { EVENTS } from '../../notification/catalogue/events.js';
import { NOTIFICATION_VALUES } from '../../notification/catalogue/values/notification.js';
import { REASONS } from '../../notification/reasons.js';
import { readConfigFile } from '../../settings/files.js';
import { userFilePath } from '../../settings/paths.js';
import { SHELLS } from './shells.js';

type ValueDeps = Pick<Deps, 'env' | 'platform'>;

/** What may stand at one place. What takes long to load is loaded when it is asked for. */
type Source = (
  place: { readonly option?: Option; readonly begun: string },
  deps: ValueDeps,
) => Answer | Promise<Answer>;

const words =
  (...values: readonly string[]): Source =>
  () => ({ candidates: plain(values), files: false });

const events: Source = () => ({ candidates: eventCandidates(), files: false });

/** Of `A,B,C` only what is behind the last comma is new; what is in front stays in front of every candidate. */
const listOf =
  (source: Source): Source =>
  async (place, deps) => {
    const before = place.begun.slice(0, place.begun.lastIndexOf(',') + 1);
    const chosen = before.split(',');
    const { candidates } = await source(place, deps);
    const left = candidates.filter(({ value }) => !chosen.includes(value));
    return { candidates: left.map(({ value, about }) => ({ value: before + value, about })), files: false };
  };

/** `test` and `check` take both, and say so. */
const environments: Source = (place, deps) => {
  const both = place.option?.description.includes('both') ? ['both'] : [];
  return words('sandbox', 'production', ...both)(place, deps);
};

const OPTIONS: Readonly<Record<string, Source>> = {
  '--environment': environments,
  '--deliver': words('sandbox', 'production'),
  '--claim': words('sandbox'),
  '--profile': (_place, deps) => ({ candidates: plain(profileNames(deps)), files: false }),
  '--events': listOf(events),
  '--expect': listOf(events),
  '--type': events,
  '--subtype': () => ({
    candidates: NOTIFICATION_VALUES.subtype.map(({ value, meaning }) => ({ value: String(value), about: meaning })),
    files: false,
  }),
  '--forge': () => ({
    candidates: Object.entries(REASONS).map(([value, { title }]) => ({ value, about: title })),
    files: false,
  }),
  '--scenario': async () => {
    const { SCENARIOS } = await import('../../simulator/scenarios/scenarios.js');
    return { candidates: SCENARIOS.map(({ name, title }) => ({ value: name, about: title })), files: false };
  },
  '--only': listOf(groups),
  '--skip': listOf(groups),
  '--tunnel': words('cloudflared', 'ngrok', 'tailscale'),
  '--trust-proxy': words('loopback'),
  '--version': words('V2', 'V1'),
};

async function groups(): Promise<Answer> {
  const { GROUPS } = await import('../../endpoint-check/step.js');
  return { candidates: plain(GROUPS), files: false };
}

/** By the command, since a name such as `id` is another thing in each. */
const ARGUMENTS: Readonly<Record<string, Source>> = {
  trigger: events,
  explain: async () => {
    const { explainable } = await import('../explain/reference/reference.js');
    return { candidates: explainable(), files: false };
  },
  replay: () => ({ candidates: LAST, files: true }),
  'journal show': () => ({ candidates: LAST, files: false }),
  completion: words(...SHELLS),
  decode: () => FILES,
  verify: () => FILES,
};

const LAST: readonly Candidate[] = [{ value: 'last', about: 'the newest' }];

/** By the command, too: what it reports in. */
const REPORTS: Readonly<Record<string, Source>> = {
  check: async () => {
    const { REPORT_KINDS } = await import('../../reports/report-files.js');
    return { candidates: plain(REPORT_KINDS), files: false };
  },
  audit: words('json', 'junit'),
};

/** The values of a flag, of which `begun` is there already: its choices, what we know of it, or files where its name says so. */
export async function valuesOf(option: Option, command: Command, begun: string, deps: ValueDeps): Promise<Answer> {
  if (option.argChoices !== undefined) return { candidates: plain(option.argChoices), files: false };
  const source = option.long === '--report' ? REPORTS[pathOf(command)] : OPTIONS[option.long ?? ''];
  if (source !== undefined) return source({ option, begun }, deps);
  return /[<[]file/.test(option.flags) ? FILES : NOTHING;
}

/** What may stand as this argument of a command; an argument that nothing is known of is nobody's guess. */
export async function wordsOf(command: Command, argument: Argument, begun: string, deps: ValueDeps): Promise<Answer> {
  if (argument.argChoices !== undefined) return { candidates: plain(argument.argChoices), files: false };
  return ARGUMENTS[pathOf(command)]?.({ begun }, deps) ?? NOTHING;
}

/** `journal show`: the names from below the program down. */
function pathOf(command: Command): string {
  const above = command.parent;
  return above === null || above.parent === null ? command.name() : `${pathOf(above)} ${command.name()}`;
}

function eventCandidates(): readonly Candidate[] {
  const types = NOTIFICATION_VALUES.notificationType.map(({ value, meaning }) => ({
    value: String(value),
    about: meaning,
  }));
  return types.flatMap((type) => {
    const pairs = EVENTS.filter((event) => event.type === type.value && event.subtype !== null);
    return [type, ...pairs.map(({ subtype, title }) => ({ value: `${type.value}.${subtype}`, about: title }))];
  });
}

/** One thing that may be typed next. */
export interface Candidate {
  readonly value: string;
  /** What it is, in a few words; empty where the value says all. */
  readonly about: string;
}

/** What may stand at a place: these, and files where `files` is true. */
export interface Answer {
  readonly candidates: readonly Candidate[];
  readonly files: boolean;
}

export const NOTHING: Answer = { candidates: [], files: false };

export const FILES: Answer = { candidates: [], files: true };

/** Words as candidates that need no description. */
export function plain(values: readonly string[]): readonly Candidate[] {
  return values.map((value) => ({ value, about: '' }));
}

/** What a shell takes as it stands, in or out of quotes. Anything else, such as a profile with a blank in its name, is not offered. */
const NEEDS_NO_QUOTES = /^[\w.@%+:,/=-]+$/;

/** What the scripts read: `files` or `none`, then a line `VALUE<Tab>ABOUT` for each candidate that begins with what is there already. */
export function answerToText({ candidates, files }: Answer, begun: string): string {
  const start = begun.toLowerCase();
  const lines = candidates
    .filter(({ value }) => NEEDS_NO_QUOTES.test(value) && value.toLowerCase().startsWith(start))
    .map(({ value, about }) => `${value}\t${about}`);
  return `${[files ? 'files' : 'none', ...new Set(lines)].join('\n')}\n`;
}

/** The names of the profiles in the user file; none where it is missing or cannot be read: a Tab is no place to say why. */
function profileNames({ env, platform }: Pick<Deps, 'env' | 'platform'>): readonly string[] {
  const path = userFilePath(env, platform);
  if (path === null) return [];
  try {
    const profiles = readConfigFile(path)?.content.profiles;
    return isJsonObject(profiles) ? Object.keys(profiles) : [];
  } catch {
    return [];
  }
}
