/**
 * The JSON that the commands print and the settings files that they read, as types: schemas/*.json are written from these, by the names
 * here. Adding an optional field is a minor version, removing or changing one a major version.
 */

export type { PrintedAudit } from './commands/audit/reports.js';
export type { PrintedCheck } from './commands/check/reports.js';
export type { PrintedListenerEvent } from './commands/listen/view/json.js';
export type { TestReport } from './document-view/test-result.js';
export type { PrintedSummary } from './document-view/totals.js';
export type { EmulatorEvent } from './emulator/events.js';
export type { PayloadDocument } from './notification/document.js';
export type { AppTransaction, Notification, RenewalInfo, Transaction } from './notification/payload-types.js';
export type { PurchaseTimeline } from './purchase/purchase.js';
export type { ProjectSettingsFile, UserSettingsFile } from './settings/settings-file.js';
export type { StoryFile } from './simulator/scenarios/story.js';
