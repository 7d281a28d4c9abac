import { type Browser, chromium } from 'playwright-core';
import { findInstalled } from './installed.js';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

const PROGRAM = NAMES.map(findInstalled).find((file) => file !== null) ?? null;

/** A part of the name of tests that need Chromium: empty, or why they are skipped. */
export const NO_CHROMIUM = PROGRAM === null ? ' (skipped: chromium not installed)' : '';

/** A limit of a hang, not of speed. */
export const BROWSER_WAIT_MS = 150_000;

/** Starts the Chromium of the system, headless and with nothing of its user's. */
export function launchChromium(): Promise<Browser> {
  if (PROGRAM === null) throw new Error('chromium is not installed');
  // Chromium refuses its sandbox to root.
  const args = process.geteuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath: PROGRAM, args, timeout: BROWSER_WAIT_MS });
}
