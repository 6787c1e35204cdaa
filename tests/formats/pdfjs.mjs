// The text of a PDF as pdf.js finds it: node pdfjs.mjs FILE
import { readFileSync } from 'fs';
import { getDocument } from './node_modules/pdfjs-dist/legacy/build/pdf.mjs';
const document = await getDocument({ data: new Uint8Array(readFileSync(process.argv[2])) }).promise;
for (let i = 1; i <= document.numPages; i++) {
  const content = await (await document.getPage(i)).getTextContent();
  console.log(content.items.map((item) => item.str + (item.hasEOL ? '\n' : '')).join(''));
}
