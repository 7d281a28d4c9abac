import type { ToolError } from '../../errors.js';
import { KEY_TITLES } from '../../settings/key.js';
import type { KeyKind } from '../../settings/key-source.js';
import type { ProfileAnswers, ProfileKey } from '../../settings/write-profile.js';
import { escapeText } from '../../terminal/escape.js';
import { shortenHome } from '../../terminal/format.js';
import { toJsonLine } from '../../terminal/json.js';
import { layRows, laySentence, type Row, type View } from '../../terminal/layout.js';

/**
 * What became of trying one key: `accepted`, `refused` (Apple does not take it), `unclear` (Apple could not be asked, or its answer says
 * nothing about the key) or `skipped`. Untrusted words may be in `detail`.
 */
export interface Trial {
  readonly api: KeyKind;
  readonly address: string;
  readonly outcome: 'accepted' | 'refused' | 'unclear' | 'skipped';
  readonly detail: string;
  /** Why it was refused or unclear. */
  readonly error?: ToolError;
  /** The id of the app, where App Store Connect told it. */
  readonly appAppleId?: string;
}

/** What `init` did: which profile it wrote where, and what Apple said of its keys. Nothing in it is secret. */
export interface InitReport {
  readonly profile: string;
  readonly path: string;
  readonly replaced: boolean;
  /** The profile is used where none is named. */
  readonly isDefault: boolean;
  readonly settings: ProfileAnswers;
  readonly trials: readonly Trial[];
  readonly warnings: readonly string[];
}

/** `{profile, path, replaced, isDefault, settings, trials: [{api, address, outcome, detail, error: {code, hint}}], warnings}`. */
export function initToJson({ trials, ...report }: InitReport): string {
  const shown = trials.map(({ error, ...trial }) => ({
    ...trial,
    error: error === undefined ? undefined : { code: error.code, hint: error.hint },
  }));
  return toJsonLine({ ...report, trials: shown });
}

/** The profile that was written, value by value, and how it is used. */
export function describeInit(report: InitReport, view: View, home: string | null): string {
  const { profile, path, replaced, isDefault, settings } = report;
  const done = `Profile ${escapeText(profile)} ${replaced ? 'replaced' : 'written'} in ${escapeText(shortenHome(path, home))}`;
  const named = isDefault ? '' : ` --profile ${escapeText(profile)}`;
  const next = `storewire test${named} --environment ${settings.environment} --wait`;
  const use = isDefault
    ? `It is used wherever no other profile is named. Next: ${next}`
    : `Use it with --profile ${escapeText(profile)} or STOREWIRE_PROFILE. Next: ${next}`;
  const lines = [view.paint.bold(done), ...layRows(settingRows(settings, home), view), '', ...laySentence(use, view)];
  return `${lines.join('\n')}\n`;
}

/** Where the keys are about to be tried: an address that is not Apple's is always told before a token goes there. */
export function describeAsking(
  { environment, connect }: ProfileAnswers,
  addresses: Readonly<Record<ProfileAnswers['environment'] | 'connect', string>>,
): string {
  const asked = [addresses[environment], ...(connect === undefined ? [] : [addresses.connect])];
  return `Trying the keys, changing nothing: ${escapeText(asked.join(', '))}\n`;
}

/** What Apple said of each key, for stderr: a line each, and the next thing to do below one that was not accepted. */
export function describeTrials(trials: readonly Trial[], { paint }: Pick<View, 'paint'>): string {
  const marks: Readonly<Record<Trial['outcome'], string>> = {
    accepted: paint.green('accepted'),
    refused: paint.red('refused'),
    unclear: paint.yellow('could not be tried'),
    skipped: paint.yellow('not tried'),
  };
  return trials
    .map(({ api, outcome, detail, error }) => {
      const hint = error?.hint === undefined ? '' : `  ${paint.dim('hint:')} ${escapeText(error.hint)}\n`;
      const link = outcome === 'accepted' ? ' ' : ': ';
      return `${KEY_TITLES[api]}: ${marks[outcome]}${link}${escapeText(detail)}\n${hint}`;
    })
    .join('');
}

export function describeInitWarnings(warnings: readonly string[], { paint }: Pick<View, 'paint'>): string {
  return warnings.map((message) => `${paint.yellow('warning:')} ${escapeText(message)}\n`).join('');
}

function settingRows(
  { environment, bundleId, appAppleId, server, connect }: ProfileAnswers,
  home: string | null,
): readonly Row[] {
  return [
    { label: 'environment', value: environment },
    { label: 'bundle id', value: escapeText(bundleId) },
    appAppleId === null
      ? { label: 'app Apple ID', value: 'left out', tone: 'quiet' }
      : { label: 'app Apple ID', value: escapeText(appAppleId) },
    ...keyRows(KEY_TITLES.server, server, home),
    ...(connect === undefined ? [] : keyRows(KEY_TITLES.connect, connect, home)),
  ];
}

function keyRows(title: string, { issuerId, keyId, privateKeyPath }: ProfileKey, home: string | null): readonly Row[] {
  return [
    { label: title, value: escapeText(shortenHome(privateKeyPath, home)) },
    { label: 'key id', value: escapeText(keyId), depth: 1 },
    issuerId === null
      ? { label: 'issuer id', value: 'none: an individual key', tone: 'quiet', depth: 1 }
      : { label: 'issuer id', value: escapeText(issuerId), depth: 1 },
  ];
}
