import type { Group } from '../../endpoint/step.js';
import type { Environment } from '../../settings/setting.js';
import type { ReportKind } from './reports.js';

export interface CheckOptions {
  readonly environment?: Environment | 'both';
  readonly only: readonly Group[];
  readonly skip: readonly Group[];
  readonly strict: boolean;
  /** Deadline of the command, in ms. */
  readonly timeout: number;
  readonly report: readonly ReportKind[];
  readonly reportFile: readonly string[];
  readonly profile?: string;
  readonly bundleId?: string;
  readonly yes: boolean;
  readonly json: boolean;
}
