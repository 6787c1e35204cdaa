// Finding and selecting in a real browser: node browser.mjs CHROMIUM RESULTS.jsonl FILE.pdf [SCALE]
// Opens the PDF in pdf.js's own viewer in Chromium. Every word of the results (ocrvl.page/1, a line a page) must be found by the
// viewer's search, with its highlight on the word's box; every line, dragged over with the mouse from its first word to its last,
// must be selected with just its text. Prints a line that says how many, and what went wrong.
import { createServer } from 'http';
import { readFileSync } from 'fs';
import { extname, join, normalize } from 'path';
import { fileURLToPath } from 'url';
import puppeteer from './node_modules/puppeteer-core/lib/esm/puppeteer/puppeteer-core.js';

const [chromium, resultsFile, pdfFile] = process.argv.slice(2);
const folder = fileURLToPath(new URL('.', import.meta.url));
const pages = readFileSync(resultsFile, 'utf8').trim().split('\n').map((line) => JSON.parse(line));

const html = `<!DOCTYPE html><meta charset="utf-8"><link rel="stylesheet" href="/node_modules/pdfjs-dist/web/pdf_viewer.css">
<style>body { margin: 0 } #container { position: absolute; width: 100%; height: 100%; overflow: auto }</style>
<div id="container"><div id="viewer" class="pdfViewer"></div></div>
<script type="module">
import * as pdfjs from '/node_modules/pdfjs-dist/build/pdf.mjs';
globalThis.pdfjsLib = pdfjs;
const { EventBus, PDFLinkService, PDFFindController, PDFViewer } = await import('/node_modules/pdfjs-dist/web/pdf_viewer.mjs');
pdfjs.GlobalWorkerOptions.workerSrc = '/node_modules/pdfjs-dist/build/pdf.worker.mjs';
const eventBus = new EventBus(), linkService = new PDFLinkService({ eventBus });
const findController = new PDFFindController({ eventBus, linkService });
const viewer = new PDFViewer({ container: document.getElementById('container'), eventBus, linkService, findController });
linkService.setViewer(viewer);
const rendered = new Set();
eventBus.on('textlayerrendered', (e) => rendered.add(e.pageNumber));
eventBus.on('pagesinit', () => { viewer.currentScale = 1; });
const pdf = await pdfjs.getDocument('/file.pdf').promise;
viewer.setDocument(pdf);
linkService.setDocument(pdf);
const until = async (what) => { for (let i = 0; i < 300 && !what(); i++) await new Promise((r) => setTimeout(r, 20)); return what(); };
const rectangle = (r) => ({ x0: r.left, y0: r.top, x1: r.right, y1: r.bottom });
const around = (rects) => rects.length ? { x0: Math.min(...rects.map((r) => r.left)), y0: Math.min(...rects.map((r) => r.top)),
  x1: Math.max(...rects.map((r) => r.right)), y1: Math.max(...rects.map((r) => r.bottom)) } : null;
globalThis.show = async (number) => {
  await until(() => viewer.pagesCount > 0 && viewer.pageViewsReady);
  viewer.currentPageNumber = number;
  await until(() => rendered.has(number));
  return rectangle(viewer.getPageView(number - 1).div.querySelector('.canvasWrapper').getBoundingClientRect());
};
// Where the text is highlighted on the page once the viewer has searched for it, and where the page is then.
globalThis.find = async (query, number) => {
  let state = 3; // pending
  const listen = (e) => { state = e.state; };
  eventBus.on('updatefindcontrolstate', listen);
  eventBus.dispatch('find', { source: null, type: '', query, caseSensitive: true, entireWord: false, highlightAll: true, findPrevious: false,
    matchDiacritics: true });
  await until(() => state !== 3);
  eventBus.off('updatefindcontrolstate', listen);
  const layer = viewer.getPageView(number - 1).div.querySelector('.textLayer');
  const groups = [];
  for (const mark of layer.querySelectorAll('.highlight')) { // a match over several elements: begin, middle..., end
    if (!groups.length || !/\\b(middle|end)\\b/.test(mark.className)) groups.push([]);
    groups.at(-1).push(mark.getBoundingClientRect());
  }
  return [groups.map(around), rectangle(viewer.getPageView(number - 1).div.querySelector('.canvasWrapper').getBoundingClientRect())];
};
globalThis.selected = () => getSelection().toString();
globalThis.unselect = () => { // and without highlights, which are elements in the way of pdf.js's own selecting
  eventBus.dispatch('findbarclose', { source: null });
  getSelection().removeAllRanges();
};
globalThis.ready = true;
</script>`;

const types = { '.mjs': 'text/javascript', '.js': 'text/javascript', '.css': 'text/css', '.pdf': 'application/pdf' };
const server = createServer((request, response) => {
  const path = normalize(decodeURIComponent(new URL(request.url, 'http://x').pathname));
  try {
    const body = path === '/' ? html : readFileSync(path === '/file.pdf' ? pdfFile : join(folder, path));
    response.writeHead(200, { 'content-type': path === '/' ? 'text/html' : types[extname(path)] ?? 'application/octet-stream' });
    response.end(body);
  } catch {
    response.writeHead(404);
    response.end();
  }
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

const browser = await puppeteer.launch({ executablePath: chromium, args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] });
const tab = await browser.newPage();
await tab.setViewport({ width: 2400, height: 1600 });
const complaints = [];
tab.on('pageerror', (e) => complaints.push(`the viewer: ${e.message}`));
await tab.goto(`http://127.0.0.1:${server.address().port}/`);
await tab.waitForFunction('globalThis.ready', { timeout: 30000 });

// What a reader may do with text: marks of direction and joiners left out, compatibility forms, white space.
const tidy = (s) => s.normalize('NFKC').replace(/[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\u00ad]/g, '').replace(/\s+/g, ' ').trim();
const counts = { words: 0, found: 0, placed: 0, lines: 0, selected: 0 };

// Along its line the highlight covers most of the word, and not much more. A line from right to left is one piece to pdf.js, stretched to
// its length with whatever letters the browser has, so in it words need only overlap.
const lies = (mark, box, wide, loose) => {
  const over = Math.min(mark.x1, box.x1) - Math.max(mark.x0, box.x0), down = Math.min(mark.y1, box.y1) - Math.max(mark.y0, box.y0);
  const [length, along, across] = wide ? [box.x1 - box.x0, over, down] : [box.y1 - box.y0, down, over];
  const reach = wide ? mark.x1 - mark.x0 : mark.y1 - mark.y0, slack = 8;
  return across > 0 && (loose ? along > length / 4 : along >= Math.min(length * 0.6, length - slack) && reach <= length * 1.4 + slack);
};

for (const [index, page] of pages.entries()) {
  const sheet = await tab.evaluate((n) => globalThis.show(n), index + 1);
  const sx = (sheet.x1 - sheet.x0) / page.page.width, sy = (sheet.y1 - sheet.y0) / page.page.height;
  const turn = page.page.rotation ?? 0; // to be turned clockwise to be upright: at 90 lines run upwards
  const onScreen = (b, at) => ({ x0: at.x0 + b[0] * sx, y0: at.y0 + b[1] * sy, x1: at.x0 + b[2] * sx, y1: at.y0 + b[3] * sy });
  for (const line of (page.blocks ?? []).flatMap((b) => b.lines)) {
    const words = line.words.filter((w) => w.bbox);
    for (const word of words) {
      counts.words++;
      const [marks, at] = await tab.evaluate((q, n) => globalThis.find(q, n), word.text.replace(/\p{Cf}/gu, ''), index + 1);
      counts.found += marks.length > 0;
      const box = onScreen(word.bbox, at);
      if (marks.some((m) => lies(m, box, turn % 180 === 0, line.dir === 'rtl'))) counts.placed++;
      else complaints.push(`${word.text}: ${marks.length ? 'elsewhere' : 'not found'} ${JSON.stringify(box)} ${JSON.stringify(marks.slice(0, 3))}`);
    }
    if (!words.length) continue;
    await tab.evaluate(() => globalThis.unselect());
    const at = await tab.evaluate((n) => globalThis.show(n), index + 1);
    const rtl = line.dir === 'rtl';
    // Inside the first or last letter of a line, at its outer side: fonts that the browser has to make do with are narrower or wider.
    const end = (w, last) => {
      const b = onScreen(w.bbox, at), mx = (b.x0 + b.x1) / 2, my = (b.y0 + b.y1) / 2, far = last !== rtl;
      const inside = (w.text.length > 1 ? 0.35 : 0.2) * (turn % 180 ? b.y1 - b.y0 : b.x1 - b.x0) / [...w.text].length * (last ? 1 : 0.3);
      return [[far ? b.x1 - inside : b.x0 + inside, my], [mx, far ? b.y0 + inside : b.y1 - inside],
        [far ? b.x0 + inside : b.x1 - inside, my], [mx, far ? b.y1 - inside : b.y0 + inside]][turn / 90];
    };
    await tab.mouse.move(...end(words[0], false));
    await tab.mouse.down();
    await tab.mouse.move(...end(words.at(-1), true), { steps: 8 });
    await tab.evaluate(() => new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r))));
    await tab.mouse.up();
    counts.lines++;
    const text = tidy(await tab.evaluate(() => globalThis.selected()));
    if (text === tidy(words.map((w) => w.text).join(' ')) || text === tidy(line.text)) counts.selected++;
    else complaints.push(`selected "${text}" of "${line.text}"`);
  }
}
await browser.close();
server.close();
console.log(`${counts.words} words: ${counts.found} found, ${counts.placed} where they are; ${counts.lines} lines: ${counts.selected} selected`);
for (const c of complaints) console.log(c);
process.exit(complaints.length || !counts.words ? 1 : 0);
