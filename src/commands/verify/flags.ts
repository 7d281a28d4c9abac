import type { Flag } from '../../cli/flags.js';
import { collect, durationOption, parseEnvironment, parseMoment } from '../../cli/options.js';
import type { Kind } from '../../notification/document.js';
import { PAYLOAD_FLAGS, type PayloadFlags } from '../../pipeline/payloads.js';

export interface VerifyFlags extends PayloadFlags {
  readonly kind?: Kind;
  readonly bundleId?: string;
  readonly appAppleId?: string;
  readonly environment?: 'Sandbox' | 'Production';
  readonly root?: readonly string[];
  readonly at?: number;
  readonly online: boolean;
  /** Time limit (ms) of one OCSP request. */
  readonly ocspTimeout: number;
  readonly profile?: string;
}

const KINDS: readonly Kind[] = ['notification', 'transaction', 'renewalInfo', 'appTransaction', 'realtimeRequest'];

const OCSP_TIMEOUT_MS = 10_000;

export const VERIFY_FLAGS: readonly Flag[] = [
  ...PAYLOAD_FLAGS,
  { name: 'kind', value: 'kind', about: 'Require this kind of payload', choices: KINDS },
  { name: 'bundle-id', value: 'id', about: 'Require this bundle id' },
  { name: 'app-apple-id', value: 'id', about: 'Require this app Apple ID, in production' },
  { name: 'environment', value: 'name', about: 'Require sandbox or production', parse: parseEnvironment },
  { name: 'root', value: 'file', about: 'Also trust this root, PEM or DER (repeatable)', parse: collect },
  { name: 'at', value: 'moment', about: 'Check certificate dates as of this time', parse: parseMoment },
  { name: 'online', about: 'Check revocation with OCSP' },
  {
    name: 'ocsp-timeout',
    value: 'duration',
    about: 'Set the time limit of each OCSP request',
    parse: durationOption,
    preset: { value: OCSP_TIMEOUT_MS, shown: '10s' },
  },
  { name: 'profile', value: 'name', about: 'Use this settings profile' },
];
