import type { Page } from 'playwright-core';

/** A text of a page that is hard to read. */
export interface PoorContrast {
  readonly text: string;
  /** Selector of its element, roughly. */
  readonly element: string;
  readonly ratio: number;
  readonly least: number;
}

/** WCAG 2.2, 1.4.3: large text is 24 px, or bold from 18.66 px on. */
const LEAST = { usual: 4.5, large: 3 } as const;

/**
 * Texts in view below the contrast of WCAG 2.2 level AA, on the colour that is painted behind them; of an open dialog only its own. Texts of
 * disabled controls may have less.
 */
export async function poorContrasts(page: Page): Promise<{ readonly checked: number; readonly poor: PoorContrast[] }> {
  return page.evaluate(`(${measure.toString()})(${JSON.stringify(LEAST)}, ${SHOW_TEXT})`);
}

/** The part of the DOM that is needed: the types of this project have none. */
interface PageElement {
  readonly parentElement: PageElement | null;
  readonly tagName: string;
  readonly className: string;
  readonly textContent: string;
  readonly value: string;
  readonly placeholder: string;
  closest(selector: string): PageElement | null;
  querySelectorAll(selector: string): Iterable<PageElement>;
  getBoundingClientRect(): Readonly<Record<'top' | 'left' | 'right' | 'bottom' | 'width', number>>;
}

interface PageGlobals {
  readonly innerWidth: number;
  readonly innerHeight: number;
  readonly document: {
    readonly body: PageElement;
    querySelector(selector: string): PageElement | null;
    createTreeWalker(root: PageElement, show: number): { nextNode(): PageElement | null };
  };
  getComputedStyle(
    element: PageElement,
    pseudo?: string,
  ): Readonly<Record<'color' | 'backgroundColor' | 'opacity' | 'fontSize' | 'fontWeight', string>>;
}

/** Of text nodes, as `NodeFilter` has it. */
const SHOW_TEXT = 4;

/** Runs in the page. */
function measure(least: typeof LEAST, showText: number): { checked: number; poor: PoorContrast[] } {
  const { document, getComputedStyle, innerWidth, innerHeight } = globalThis as unknown as PageGlobals;
  type Colour = readonly [number, number, number, number];
  const parse = (text: string): Colour => {
    const [red = 0, green = 0, blue = 0, alpha = 1] = (text.match(/[\d.]+/g) ?? []).map(Number);
    return [red, green, blue, alpha];
  };
  const over = ([r, g, b, a]: Colour, [red, green, blue]: Colour): Colour => [
    r * a + red * (1 - a),
    g * a + green * (1 - a),
    b * a + blue * (1 - a),
    1,
  ];
  const luminance = (colour: Colour): number => {
    const [r = 0, g = 0, b = 0] = colour.slice(0, 3).map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ancestors = (element: PageElement | null): PageElement[] =>
    element === null ? [] : [element, ...ancestors(element.parentElement)];
  const backOf = (element: PageElement): Colour =>
    ancestors(element)
      .map((each) => parse(getComputedStyle(each).backgroundColor))
      .reverse()
      .reduce((below, colour) => over(colour, below), [255, 255, 255, 1] as Colour);
  const root = document.querySelector('dialog[open]') ?? document.body;
  const walker = document.createTreeWalker(root, showText);
  const poor: PoorContrast[] = [];
  let checked = 0;
  const look = (element: PageElement, text: string, colourText: string): void => {
    const box = element.getBoundingClientRect();
    const isInView = box.width > 0 && box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth;
    if (!isInView || element.closest(':disabled, script, style, noscript') !== null) return;
    checked += 1;
    const style = getComputedStyle(element);
    const back = backOf(element);
    const [one, other] = [luminance(over(parse(colourText), back)), luminance(back)].sort((a, b) => b - a) as [
      number,
      number,
    ];
    const opacity = ancestors(element).reduce((product, each) => product * Number(getComputedStyle(each).opacity), 1);
    const ratio = opacity < 1 ? 1 : (one + 0.05) / (other + 0.05);
    const size = Number.parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const wanted = isLarge ? least.large : least.usual;
    if (ratio < wanted)
      poor.push({
        text: text.slice(0, 40),
        element: `${element.tagName}.${element.className}`,
        ratio: Math.round(ratio * 100) / 100,
        least: wanted,
      });
  };
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const text = node.textContent.trim();
    if (text !== '') look(node.parentElement!, text, getComputedStyle(node.parentElement!).color);
  }
  for (const field of root.querySelectorAll('input, textarea, select')) {
    const isEmpty = field.value === '';
    const colour = getComputedStyle(field, isEmpty ? '::placeholder' : undefined).color;
    look(field, isEmpty ? field.placeholder : field.value, colour);
  }
  return { checked, poor };
}
