import type { PayloadDocument } from '../../notification/document.js';
import { outerPayload, typeOf } from '../../notification/facts.js';
import { describeEvent } from '../../notification/meaning.js';
import { escapeText, shorten, showText } from './escape.js';
import { laySentence, type View } from './layout.js';

/** A sentence that quotes a payload may be this long: an unknown type with what is to be said about it. */
const LONGEST_SENTENCE = 600;

/** What happened, in a few words and, for a notification, in Apple's: `Subscription renewed  DID_RENEW`. Painted. */
export function headlineOf(document: PayloadDocument, { paint }: Pick<View, 'paint'>): string {
  const { title, known } = describeEvent(document);
  const headline = paint.bold(showText(title));
  return known && document.kind !== 'notificationV1'
    ? `${headline}  ${paint.cyan(showText(typeOfDocument(document)))}`
    : headline;
}

/** Headline, and below it what that means in one or two sentences. */
export function layEvent(document: PayloadDocument, view: View): readonly string[] {
  const { meaning, known } = describeEvent(document);
  const sentence = known ? meaning : escapeText(shorten(meaning, LONGEST_SENTENCE));
  return [headlineOf(document, view), ...laySentence(sentence, view, !known), ...layNotices(document, view)];
}

function typeOfDocument(document: PayloadDocument): string {
  return typeOf(outerPayload(document) ?? {}, document.kind);
}

function layNotices(document: PayloadDocument, view: View): readonly string[] {
  const notice = isSignedByXcode(document)
    ? 'Xcode made this (StoreKit Testing): the App Store has never seen it.'
    : null;
  return notice === null ? [] : laySentence(notice, view).map((line) => view.paint.yellow(line));
}

/** StoreKit Testing names its key, whatever the environment says. Source: apple.md section 2.1. */
export function isSignedByXcode({ tokens }: PayloadDocument): boolean {
  return tokens[0]?.header.kid === 'Apple_Xcode_Key';
}
