/** Defects of an XML document, or of HTML written like one: tags that do not match, raw `<`, `&` or unquoted attributes. Empty where it is well-formed. */
export function checkXml(markup: string): readonly string[] {
  const defects: string[] = [];
  const open: string[] = [];
  let end = 0;
  for (const { 0: tag, 1: closing, 2: name = '', 3: rest = '', index } of markup.matchAll(TAG)) {
    defects.push(...checkText(markup.slice(end, index)));
    end = index + tag.length;
    if (!/^(?:\s+[\w:-]+="[^"<]*")*\s*\/?$/.test(rest)) defects.push(`attributes of ${tag}`);
    defects.push(...checkText(rest));
    if (closing === '/') {
      if (open.pop() !== name) defects.push(`${tag} closes another`);
    } else if (!rest.endsWith('/')) open.push(name);
  }
  return [...defects, ...checkText(markup.slice(end)), ...open.map((name) => `${name} is not closed`)];
}

const TAG = /<(\/?)([a-zA-Z][\w-]*)((?:"[^"]*"|[^">])*)>/g;

function checkText(text: string): readonly string[] {
  return [
    ...(text.includes('<') ? [`raw < in ${text}`] : []),
    ...(/&(?!#\d+;|(?:amp|lt|gt|quot);)/.test(text) ? [`raw & in ${text}`] : []),
  ];
}
