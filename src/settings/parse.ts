import { delimiter } from 'node:path';
import { ToolError } from '../errors.js';
import type { Json } from '../jws/json.js';
import { teamPrefixOf } from '../notification/bundle-id.js';
import { resolvePath } from './paths.js';
import { describeSource, type Environment, type Source, type Sourced } from './setting.js';

/** The app Apple ID, digits only. It is an integer of up to 64 bits, so it is kept as text. */
export type AppAppleId = string;

/** Parses `sandbox` or `production`, in any letter case, since Apple's payloads write `Sandbox`. Throws `ERR_SETTINGS_ENVIRONMENT`. */
export function parseEnvironmentSetting(raw: Sourced<Json>): Environment {
  const value = textOf(raw)?.toLowerCase();
  if (value === 'sandbox' || value === 'production') return value;
  throw malformed('ENVIRONMENT', raw, 'must be sandbox or production');
}

/** Parses a bundle id: letters, digits, hyphens, dots, and underscores, which old apps have. Throws `ERR_SETTINGS_BUNDLE_ID`. */
export function parseBundleId(raw: Sourced<Json>): string {
  const value = textOf(raw);
  if (value !== null && /^[A-Za-z0-9._-]{1,255}$/.test(value)) return value;
  throw malformed('BUNDLE_ID', raw, 'must be a bundle id, for example com.example.app');
}

/** Parses digits, given as a string or a JSON number. Throws `ERR_SETTINGS_APP_APPLE_ID`. */
export function parseAppAppleId(raw: Sourced<Json>): AppAppleId {
  const value = typeof raw.value === 'number' && Number.isSafeInteger(raw.value) ? `${raw.value}` : textOf(raw);
  if (value !== null && /^[1-9]\d{0,18}$/.test(value)) return value;
  throw malformed('APP_APPLE_ID', raw, 'must be digits only, for example 1234567890', appAppleIdHint(value));
}

function appAppleIdHint(value: string | null): string {
  const prefixed = teamPrefixOf(value ?? '');
  if (prefixed !== null)
    return `This is a team id, ${prefixed.teamId}, and a bundle id, ${prefixed.bundleId}. ${APP_APPLE_ID_HINT}`;
  const digits = /^id(\d{6,19})$/i.exec(value ?? '')?.[1];
  if (digits !== undefined) return `Leave out "id": ${digits}.`;
  return /^[A-Za-z][\w-]*(?:\.[\w-]+)+$/.test(value ?? '')
    ? `This looks like a bundle id. ${APP_APPLE_ID_HINT}`
    : APP_APPLE_ID_HINT;
}

const APP_APPLE_ID_HINT = 'It is in App Store Connect, under App Information, and in the App Store URL of the app.';

export function parseProfileName(raw: Sourced<Json>): string {
  const value = textOf(raw);
  if (value !== null) return value;
  throw malformed('PROFILE', raw, 'must be the name of a profile');
}

/**
 * Parses the files of additional trusted roots; returns absolute paths. A flag or a profile gives a list; `STOREWIRE_ROOT` is separated
 * like PATH. Throws `ERR_SETTINGS_ROOT`.
 */
export function parseRootPaths(raw: Sourced<Json>, folder: string, home: string | null): readonly string[] {
  const listed =
    typeof raw.value === 'string' && raw.source.kind === 'environment' ? raw.value.split(delimiter) : raw.value;
  const paths = strings(listed)?.filter((path) => path !== '');
  if (paths === undefined || paths.length === 0) {
    const value = Array.isArray(raw.value) && raw.value.length === 1 ? (raw.value[0] as Json) : raw.value;
    throw malformed('ROOT', { ...raw, value }, 'must be the path of a certificate file, or a list of paths');
  }
  return paths.map((path) => resolvePath(path, folder, home));
}

/** A usage error `ERR_SETTINGS_<code>` that names the source of the value, but not the value. */
export function defect(code: string, source: Source, rule: string, hint?: string): ToolError {
  const message = `${placeOf(code, source)} ${rule}`;
  return new ToolError('usage', `ERR_SETTINGS_${code}`, message, hint === undefined ? {} : { hint });
}

/** The place of a value in words: a flag, a variable, or the field of a file. */
export function placeOf(code: string, source: Source): string {
  const field = source.kind === 'project file' || source.kind === 'user file' ? `${FIELDS[code] ?? code} in ` : '';
  return `${field}${describeSource(source)}`;
}

/** Field in a settings file, by error code. */
const FIELDS: Readonly<Record<string, string>> = {
  ENVIRONMENT: '"environment"',
  BUNDLE_ID: '"bundleId"',
  APP_APPLE_ID: '"appAppleId"',
  PROFILE: '"profile"',
  ISSUER_ID: '"issuerId"',
  KEY_ID: '"keyId"',
  PRIVATE_KEY: '"privateKey"',
  BASE_ADDRESS: 'the base address',
  ROOT: '"root"',
  PORT: '"port"',
  PATH: '"path"',
  TARGETS: '"targets"',
  EVENTS: '"events"',
  EXEC: '"exec"',
  TUNNEL: '"tunnel"',
};

/** Like {@link defect}, with an excerpt of the value; only for values that cannot be a secret. */
export function malformed(code: string, raw: Sourced<Json>, rule: string, hint?: string): ToolError {
  const value = excerpt(raw.value);
  const emptyHint = value === '""' && raw.source.kind === 'flag' ? EMPTY_HINT : undefined;
  return defect(code, raw.source, `${rule}, not ${value}`, hint ?? emptyHint);
}

const EMPTY_HINT = 'A variable or command in its place had no output.';

function excerpt(value: Json): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  const text = String(value);
  if (/PRIVATE KEY|^[0-9a-f]{32}$|^MI[GH]|^eyJ/.test(text)) return 'what looks like a secret';
  return text.length > 60 ? `"${text.slice(0, 60)}…"` : `"${text}"`;
}

/** Trimmed string value; null for an empty string and for any other type. */
export function textOf(raw: Sourced<Json>): string | null {
  return typeof raw.value === 'string' && raw.value.trim() !== '' ? raw.value.trim() : null;
}

export function strings(value: Json): readonly string[] | undefined {
  if (typeof value === 'string') return [value];
  if (!Array.isArray(value)) return undefined;
  return value.every((item): item is string => typeof item === 'string') ? value.map((item) => item.trim()) : undefined;
}
