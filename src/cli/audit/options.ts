import type { SettingFlags } from '../../settings/layer.js';

/** The reports that `audit` writes. */
export const AUDIT_REPORTS = ['json', 'junit'] as const;

export interface AuditCommandOptions extends SettingFlags {
  readonly control: boolean;
  readonly genuine?: readonly string[];
  /** Command line of the program that tells whether something took effect. */
  readonly effect?: string;
  /** Milliseconds. */
  readonly timeout: number;
  readonly yes: boolean;
  readonly report: readonly (typeof AUDIT_REPORTS)[number][];
  readonly reportFile: readonly string[];
  readonly json: boolean;
}
