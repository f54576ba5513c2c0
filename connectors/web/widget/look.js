/* The widget's words, shapes and colours. */

// ── Words ──────────────────────────────────────────────────────────────────────────────────

const WORDS = {
  ko: {
    launcher: '상담하기', open: '상담 창 열기', close: '상담 창 닫기', menu: '메뉴', title: '고객 상담',
    bot: 'AI 도우미', agent: '상담원', system: '안내', me: '나',
    asAgent: (n) => `${n} 상담원`,
    hello: '안녕하세요.\n무엇을 도와드릴까요?',
    intro: '저는 AI 도우미예요. 도움말에서 찾아 바로 답해 드리고, 원하시면 언제든 상담원을 불러 드려요.',
    holder: {
      bot: () => 'AI 도우미 · 상담원 연결 가능',
      queued: () => '상담원을 부르고 있어요',
      agent: (n) => (n ? `${n} 상담원과 대화 중` : '상담원과 대화 중'),
      closed: () => '상담이 끝났어요',
    },
    human: { bot: '상담원 연결', queued: '상담원 연결 중', agent: '상담원 연결됨', closed: '상담원 연결' },
    placeholder: '메시지를 입력하세요', send: '보내기', attach: '파일 첨부', hint: 'Shift+Enter 줄바꿈',
    sending: '보내는 중', waiting: '연결되면 보낼게요', refused: '보내지 못했어요', edit: '고쳐 쓰기', drop: '지우기',
    offline: '오프라인이에요. 연결되면 보내드릴게요', lost: '연결이 끊겨 다시 연결하고 있어요',
    paused: '메시지가 많아 나머지는 1분 안에 이어서 보내 드려요', soon: '곧 보낼게요',
    edited: '수정됨',
    renewed: '새 대화로 이어졌어요. 쓰신 메시지는 빠짐없이 보내 드려요.',
    newer: '새 메시지', unread: (n) => `읽지 않은 메시지 ${n}개`, log: '대화 내용',
    read: '더 보기', newTab: '새 창', today: '오늘', yesterday: '어제', typing: (n) => `${n} 입력 중`,
    tooLong: (n) => `4,000자까지 보낼 수 있어요 (지금 ${n.toLocaleString('ko')}자)`,
    other: 'English', forget: '이 기기에서 대화 지우기', sure: '정말 지울까요? 한 번 더 눌러 주세요',
    comment: '더 하고 싶은 말씀이 있나요? (선택)', commentSend: '의견 보내기', commentDone: '의견 고맙습니다.',
  },
  en: {
    launcher: 'Chat with us', open: 'Open chat', close: 'Close chat', menu: 'Menu', title: 'Support',
    bot: 'AI assistant', agent: 'Agent', system: 'Notice', me: 'You',
    asAgent: (n) => n,
    hello: 'Hello.\nHow can we help?',
    intro: 'I’m an AI assistant. I answer from our help pages right away, and I can call a person for you at any time.',
    holder: {
      bot: () => 'AI assistant · people available',
      queued: () => 'Calling a person for you',
      agent: (n) => `Talking with ${n || 'an agent'}`,
      closed: () => 'Conversation ended',
    },
    human: { bot: 'Talk to a person', queued: 'Talk to a person: calling', agent: 'Talking to a person', closed: 'Talk to a person' },
    placeholder: 'Write a message', send: 'Send', attach: 'Attach files', hint: 'Shift+Enter: new line',
    sending: 'Sending', waiting: 'Will be sent when back online', refused: 'Not sent', edit: 'Edit', drop: 'Remove',
    offline: 'You’re offline. We’ll send it once you’re back', lost: 'Connection lost, reconnecting',
    paused: 'That was a lot at once. The rest is sent within a minute', soon: 'Will be sent soon',
    edited: 'edited',
    renewed: 'We’ve continued in a new conversation. Nothing you wrote is lost.',
    newer: 'New messages', unread: (n) => (n === 1 ? '1 unread message' : `${n} unread messages`), log: 'Conversation',
    read: 'Read more', newTab: 'opens in a new tab', today: 'Today', yesterday: 'Yesterday', typing: (n) => `${n} is typing`,
    tooLong: (n) => `Up to 4,000 characters (now ${n.toLocaleString('en')})`,
    other: '한국어', forget: 'Clear chat from this device', sure: 'Really clear it? Press once more',
    comment: 'Anything you’d like to add? (optional)', commentSend: 'Send comment', commentDone: 'Thank you for your comment.',
  },
};

// ── Drawing ────────────────────────────────────────────────────────────────────────────────

const SVG = 'http://www.w3.org/2000/svg';

/** An element. Children that are strings become text nodes; nothing here ever parses markup. */
function h(tag, attributes, ...children) {
  const svg = tag === 'svg' || tag === 'path';
  const made = svg ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name.startsWith('on')) made.addEventListener(name.slice(2), value);
    else if (value !== false && value != null) made.setAttribute(name, value === true ? '' : value);
  }
  made.append(...children.flat().filter((child) => child || child === 0));
  return made;
}

const icon = (d, size = 20) => h('svg', { viewBox: '0 0 24 24', width: size, height: size, 'aria-hidden': 'true' }, h('path', { d }));
const ICON = {
  // ㅅ, the first letter of 상담 and the character for "person" (人), within a speech balloon
  mark: 'M12 3.5c5 0 8.5 3.2 8.5 7.6 0 4.5-3.5 7.7-8.5 7.7-.8 0-1.6-.1-2.3-.3L5.6 21v-4c-1.4-1.4-2.1-3.5-2.1-5.9C3.5 6.7 7 3.5 12 3.5ZM12 7.3c0 3.2-1.4 5.5-3.9 7M12.1 9.3c.5 2.3 1.8 4 3.8 5',
  letter: 'M12 4.5C12 11 9.3 16 4.5 19M12.2 9c1 4.6 3.4 7.8 7.3 10',
  close: 'M6 6l12 12M18 6L6 18', more: 'M5 12h.01M12 12h.01M19 12h.01', send: 'M12 19.5V5M5.5 11 12 4.5 18.5 11',
  person: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.5 20.5c.8-3.7 3.8-5.5 7.5-5.5s6.7 1.8 7.5 5.5',
  page: 'M7 3.5h7l4 4v13H7zM14 3.5v4h4M10 12h5M10 16h5', next: 'M9 5.5 15.5 12 9 18.5', down: 'M12 5v14M5.5 12.5 12 19l6.5-6.5',
  check: 'M5 12.5l4.5 4.5L19 7', clip: 'M20 11.5l-8 8a5 5 0 0 1-7-7l8.3-8.3a3.3 3.3 0 0 1 4.7 4.7l-8.2 8.2a1.6 1.6 0 0 1-2.3-2.3l7.5-7.5',
};

// As knowledge_base/addresses.py has it; without lookbehind, which older phones do not know
const ADDRESSES = /(^|[^a-z0-9@._/:+-])(?:((?:https?:\/\/(?=[a-z0-9])|www\.(?=[a-z0-9-]{1,63}\.[a-z]))[^\s<>"'`\u1100-\u11ff\u2000-\u206f\u3000-\u9fff\uac00-\ud7af\uff00-\uffef]{1,2000})|([a-z0-9][a-z0-9._%+-]{0,63}@(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}(?![a-z0-9])))/gi;

/** Text with its web and mail addresses made clickable. One ends where Hangul begins: "https://a.kr에서". */
function rich(text) {
  const parts = [];
  let at = 0;
  for (const found of text.matchAll(ADDRESSES)) {
    const [, before, web, mail] = found;
    const link = mail || trimmed(web);
    const url = mail ? `mailto:${mail}` : address(link.replace(/^www/i, 'https://$&'));
    if (!url) continue;
    const from = found.index + before.length;
    parts.push(text.slice(at, from), h('a', { href: url, target: web && '_blank', rel: 'noopener noreferrer' }, link));
    at = from + link.length;
  }
  return [...parts, text.slice(at)];
}

/** An address without the signs behind it, and without a bracket that was opened before it. */
function trimmed(link) {
  const unopened = ([open, close]) => link.endsWith(close) && link.split(close).length > link.split(open).length;
  while (/[.,;:!?*_~|·]$/.test(link) || ['()', '[]', '{}'].some(unopened)) link = link.slice(0, -1);
  return link;
}

/** An absolute http(s) address, or null for anything else (javascript:, data:, nonsense). */
function address(link) {
  try {
    const url = new URL(link, base);
    return /^https?:$/.test(url.protocol) ? url.href : null;
  } catch { return null; }
}

// The accent colour, made readable on both themes

const light = ([r, g, b]) => [r, g, b].map((v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
  .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
const contrast = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
const css = (rgb) => `rgb(${rgb.map(Math.round).join(' ')})`;
const WHITE = [255, 255, 255];
const BLACK = [0, 0, 0];

function toward(colour, against, ratio) {
  const end = light(against) > 0.5 ? BLACK : WHITE;
  let mixed = colour;
  for (let part = 0; part <= 1 && contrast(mixed, against) < ratio; part += 0.05) {
    mixed = colour.map((v, i) => v + (end[i] - v) * part);
  }
  return mixed;
}

function accent(value) {
  const pen = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  if (!pen) return {};
  pen.fillStyle = '#1d6f63';
  pen.fillStyle = value || '#1d6f63';
  pen.fillRect(0, 0, 1, 1);
  const colour = [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3);
  const found = {};
  for (const [end, surface] of [['l', [240, 238, 231]], ['d', [38, 45, 43]]]) {
    const fill = toward(colour, surface, 1.25);
    found[`--fill-${end}`] = css(fill);
    found[`--on-${end}`] = css(contrast(fill, WHITE) >= 4.5 ? WHITE : BLACK);
    found[`--ink-${end}`] = css(toward(colour, surface, 4.6));
  }
  return found;
}

const LIGHT = `color-scheme:light;--paper:#fff;--ground:#f8f7f3;--soft:#f0eee7;--text:#1b2220;--muted:#5a645f;
  --line:#e3e0d7;--warn:#8a3b12;--warn-soft:#fbeee3;--fill:var(--fill-l);--on:var(--on-l);--ink:var(--ink-l);
  --shadow:0 1px 2px #1b22200d,0 8px 24px #1b222014,0 24px 64px #1b22201f`;
const DARK = `color-scheme:dark;--paper:#1c2221;--ground:#151a19;--soft:#262d2b;--text:#e8ece9;--muted:#a0aaa5;
  --line:#303836;--warn:#f2b48c;--warn-soft:#3a281d;--fill:var(--fill-d);--on:var(--on-d);--ink:var(--ink-d);
  --shadow:0 0 0 1px #ffffff0f,0 12px 40px #0008`;
const STYLE = `
:host{all:initial;position:fixed;z-index:2147483000;right:max(20px,env(safe-area-inset-right));
bottom:max(20px,env(safe-area-inset-bottom));font:400 15px/1.6 Pretendard,"Pretendard Variable",-apple-system,
BlinkMacSystemFont,"Apple SD Gothic Neo","Segoe UI","Noto Sans KR","Noto Sans CJK KR","Malgun Gothic",sans-serif;
-webkit-text-size-adjust:100%;${LIGHT}}
:host([data-position=left]){right:auto;left:max(20px,env(safe-area-inset-left))}
@media(prefers-color-scheme:dark){:host(:not([data-theme=light])){${DARK}}}
:host([data-theme=dark]){${DARK}}
*,::before,::after{box-sizing:border-box}
[hidden]{display:none!important}
button,textarea{font:inherit;color:inherit;letter-spacing:inherit;margin:0}
button{background:none;border:0;padding:0;cursor:pointer;touch-action:manipulation;-webkit-tap-highlight-color:transparent}
button:disabled{cursor:default}
svg{fill:none;stroke:currentColor;stroke-width:1.8;stroke-linecap:round;stroke-linejoin:round;flex:none;display:block}
:focus{outline:none}
:focus-visible{outline:2px solid var(--ink);outline-offset:2px}
.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
#launcher{display:flex;align-items:center;gap:9px;height:54px;padding:0 21px 0 17px;border-radius:27px;color:var(--on);
background:var(--fill);box-shadow:var(--shadow);font-weight:600;font-size:15.5px;letter-spacing:-.01em;position:relative;
transition:transform .18s cubic-bezier(.2,.8,.3,1)}
#launcher:hover{transform:translateY(-2px)}
#launcher:focus-visible{outline-offset:3px}
#badge{position:absolute;top:-5px;right:-3px;min-width:22px;height:22px;padding:0 6px;border-radius:11px;background:#c2410c;
color:#fff;font-size:12.5px;line-height:22px;font-weight:700;text-align:center;box-shadow:0 0 0 2.5px var(--paper)}
#panel{position:absolute;right:0;bottom:0;width:380px;height:min(600px,calc(100vh - 40px));display:flex;flex-direction:column;
background:var(--ground);color:var(--text);border-radius:22px;box-shadow:var(--shadow);overflow:hidden;
word-break:keep-all;overflow-wrap:anywhere;letter-spacing:-.006em;animation:rise .24s cubic-bezier(.2,.85,.3,1);text-align:left}
:host([data-position=left]) #panel{right:auto;left:0}
@keyframes rise{from{opacity:0;transform:translateY(14px) scale(.985)}}
.head{display:flex;align-items:center;gap:11px;padding:13px 10px 13px 16px;background:var(--paper);position:relative;z-index:2}
.head::after{content:"";position:absolute;inset:auto 0 0;height:2px;background:linear-gradient(90deg,var(--fill),var(--line) 62%)}
.face{width:38px;height:38px;border-radius:13px;display:grid;place-items:center;background:var(--fill);color:var(--on);flex:none;
font-weight:700;font-size:15px}
.face svg{stroke-width:2.1}
.face.agent{border-radius:50%;background:var(--soft);color:var(--ink)}
.who{flex:1;min-width:0}
.who h2{font-size:16px;line-height:1.35;font-weight:700;margin:0;letter-spacing:-.015em;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.who p{margin:0;font-size:12.5px;line-height:1.45;color:var(--muted);white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.round{width:40px;height:40px;border-radius:12px;display:grid;place-items:center;color:var(--muted);flex:none}
#more svg{stroke-width:2.8}
.round:hover{background:var(--soft);color:var(--text)}
#menu{position:absolute;right:12px;top:58px;min-width:214px;padding:6px;background:var(--paper);border-radius:14px;box-shadow:var(--shadow);
border:1px solid var(--line);z-index:3}
#menu button{display:block;width:100%;padding:10px 12px;border-radius:9px;text-align:left;font-size:14px}
#menu button:hover{background:var(--soft)}
#scroll{flex:1;overflow-y:auto;overscroll-behavior:contain;padding:18px 16px 14px;position:relative;scrollbar-width:thin;
scrollbar-color:var(--line) transparent}
.hello{padding:4px 2px 12px}
.hello h3{margin:0 0 7px;font-size:23px;line-height:1.34;font-weight:700;letter-spacing:-.03em;white-space:pre-line}
.hello p{margin:0;color:var(--muted);font-size:14px}
.starters{display:flex;flex-direction:column;margin-top:16px;background:var(--paper);border:1px solid var(--line);border-radius:16px;overflow:hidden}
.row{display:flex;align-items:center;justify-content:space-between;gap:10px;width:100%;padding:11px 13px 11px 15px;text-align:left;
font-size:14.5px;line-height:1.45;min-height:44px}
.row+.row{border-top:1px solid var(--line)}
.row svg{color:var(--muted);transition:transform .15s}
.row:not(:disabled):hover{background:var(--soft)}
.row:not(:disabled):hover svg{transform:translateX(2px)}
.row:focus-visible{outline-offset:-3px;border-radius:15px}
.day{display:flex;align-items:center;gap:12px;margin:16px 0 12px;font-size:12px;color:var(--muted)}
.day::before,.day::after{content:"";flex:1;height:1px;background:var(--line)}
.m{display:flex;flex-direction:column;align-items:flex-start;margin-top:3px;max-width:100%}
.m.first{margin-top:14px}
.m.new{animation:in .2s ease-out}
@keyframes in{from{opacity:0;transform:translateY(6px)}}
.name{display:none;align-items:center;gap:6px;font-size:12.5px;font-weight:600;color:var(--muted);margin:0 0 5px 2px}
.first>.name{display:flex}
.name i{width:20px;height:20px;border-radius:7px;display:grid;place-items:center;font:700 11px/1 inherit;font-style:normal;
background:var(--fill);color:var(--on)}
.name i svg{stroke-width:2.6}
.agent>.name i{border-radius:50%;background:var(--soft);color:var(--ink)}
.b{max-width:92%;padding:9px 14px;border-radius:17px;background:var(--paper);border:1px solid var(--line)}
.first>.b{border-top-left-radius:5px}
.t{white-space:pre-wrap;unicode-bidi:plaintext}
.b a:not(.card){color:inherit;text-underline-offset:3px;text-decoration-thickness:1px;overflow-wrap:anywhere}
.agent>.b{background:var(--soft);border-color:transparent}
.customer{align-items:flex-end}
.customer>.b{background:var(--fill);color:var(--on);border-color:transparent;max-width:84%}
.customer.first>.b{border-radius:17px}
.customer.last>.b{border-bottom-right-radius:5px}
.customer>.b a:focus-visible{outline-color:currentColor}
.b small{font-size:11.5px;color:var(--muted)}
.deleted>.b{font-style:italic;color:var(--muted)}
.pending>.b{opacity:.72}
.refused>.b{background:var(--warn-soft);color:var(--warn);opacity:1}
.meta{display:none;gap:8px;align-items:center;font-size:11.5px;line-height:1.5;color:var(--muted);margin:4px 4px 0}
.timed>.meta,.pending>.meta,.refused>.meta{display:flex;flex-wrap:wrap}
.pending>.meta{animation:in .2s .6s both}
.refused>.meta{color:var(--warn);justify-content:flex-end}
.meta button{text-decoration:underline;text-underline-offset:3px;font-weight:600;padding:4px 2px}
.answer>.b{max-width:100%;padding:12px 15px}
.card{display:flex;align-items:center;gap:10px;margin:11px -15px -12px;padding:11px 13px 11px 15px;border-top:1px solid var(--line);
color:var(--ink);text-decoration:none;font-size:13.5px;line-height:1.4;border-radius:0 0 16px 16px;background:var(--soft);min-height:44px}
.card b{flex:1;font-weight:600;color:var(--text)}
.card span{white-space:nowrap;font-weight:600;display:flex;align-items:center;gap:2px}
.card:hover span{text-decoration:underline;text-underline-offset:3px}
.card:focus-visible{outline-offset:-3px}
.acts{width:100%;margin-top:7px}
.chips{display:flex;flex-wrap:wrap;gap:7px}
.chip{display:inline-flex;align-items:center;gap:5px;min-height:36px;padding:5px 14px;border-radius:18px;border:1px solid var(--line);background:var(--paper);
font-size:13.5px;line-height:1.35;font-weight:500;text-align:left}
.chip:not(:disabled):hover{border-color:var(--ink);color:var(--ink)}
.chip.main{border-color:var(--ink);color:var(--ink);font-weight:600}
.chip:disabled{color:var(--muted);background:none;border-color:var(--line)}
.acts [aria-pressed=true]{border-color:var(--ink);color:var(--ink)!important;font-weight:600}
.rows{background:var(--paper);border:1px solid var(--line);border-radius:16px;overflow:hidden}
.rows .row:disabled{color:var(--muted)}
.rows .row:disabled svg{visibility:hidden}
.rows .row[aria-pressed=true]{background:var(--soft)}
.rows .row[aria-pressed=true] svg{visibility:visible;color:var(--ink)}
.rows em{font-style:normal;font-weight:700;width:26px;height:26px;border-radius:8px;display:grid;place-items:center;background:var(--soft);
color:var(--ink);font-size:13.5px;flex:none}
.rows [aria-pressed=true] em{background:var(--fill);color:var(--on)}
.rows .label{flex:1}
.many{display:grid;grid-template-columns:repeat(6,1fr)}
.many .row{justify-content:center;padding:8px 0;border:0}
.many .row>:not(em){display:none}
.quiet{font-size:13.5px;color:var(--muted);text-decoration:underline;text-underline-offset:4px;padding:9px 4px;margin-top:3px}
.quiet:not(:disabled):hover{color:var(--text)}
.note{margin-top:9px;font-size:13.5px}
.note textarea{width:100%;padding:9px 12px;border:1px solid var(--line);border-radius:12px;background:var(--paper);resize:vertical;min-height:64px;
font-size:max(14px,var(--field,14px));margin:4px 0 7px;display:block}
.note p{margin:0;color:var(--muted)}
.event{align-items:center;margin:12px 0 8px;text-align:center}
.event>.b{background:none;border:0;padding:0 14px;font-size:13px;color:var(--muted);max-width:100%}
.event>.meta,.event>.name{display:none!important}
#typing{display:inline-flex;gap:5px;margin-top:12px;padding:13px 15px;border-radius:5px 17px 17px;background:var(--paper);border:1px solid var(--line)}
#typing i{width:6px;height:6px;border-radius:50%;background:var(--muted);animation:breathe 1.3s infinite ease-in-out}
#typing i:nth-child(2){animation-delay:.16s}
#typing i:nth-child(3){animation-delay:.32s}
@keyframes breathe{0%,70%,100%{opacity:.3}35%{opacity:1;transform:translateY(-2px)}}
#newer{position:absolute;left:50%;bottom:calc(100% + 10px);transform:translateX(-50%);display:flex;align-items:center;gap:6px;height:36px;padding:0 15px 0 12px;
border-radius:18px;background:var(--text);color:var(--ground);font-size:13px;font-weight:600;box-shadow:var(--shadow);white-space:nowrap}
.foot{background:var(--paper);border-top:1px solid var(--line);padding:10px 12px 8px;position:relative}
#status{margin:-10px -12px 9px;padding:7px 16px;background:var(--warn-soft);color:var(--warn);font-size:12.5px;font-weight:500}
.field{display:flex;align-items:flex-end;gap:6px;border:1px solid var(--line);border-radius:17px;background:var(--ground);padding:4px}
#clip{width:37px;height:37px}
.field:focus-within{border-color:var(--ink);box-shadow:0 0 0 1px var(--ink)}
#text{flex:1;min-width:0;border:0;background:none;resize:none;padding:7px 0;line-height:1.5;min-height:37px;max-height:136px;field-sizing:content;
font-size:max(15px,var(--field,15px));word-break:keep-all;overflow-wrap:anywhere}
#text::placeholder{color:var(--muted);opacity:1}
#text:focus-visible{outline:none}
#send{width:37px;height:37px;border-radius:13px;background:var(--fill);color:var(--on);display:grid;place-items:center;flex:none;transition:opacity .15s}
#send svg{stroke-width:2.2}
#send[aria-disabled=true]{background:var(--soft);color:var(--muted);cursor:default}
.under{display:flex;align-items:center;justify-content:space-between;gap:10px;margin-top:5px;min-height:38px}
#human{display:inline-flex;align-items:center;gap:6px;min-height:36px;padding:0 10px 0 6px;border-radius:10px;font-size:13.5px;font-weight:600;color:var(--ink);white-space:nowrap}
#human:not([aria-disabled=true]):hover{background:var(--soft)}
#human[aria-disabled=true]{color:var(--muted);font-weight:500;cursor:default}
#hint{font-size:11.5px;color:var(--muted);text-align:right}
#hint.over{color:var(--warn);font-weight:600}
@media(pointer:coarse){#hint:not(.over){display:none}:host{--field:16px}}
@media(max-width:479.98px){
:host{right:max(16px,env(safe-area-inset-right));bottom:max(16px,env(safe-area-inset-bottom))}
#panel{position:fixed;left:0!important;right:0;bottom:auto;top:var(--top,0);width:100%;height:var(--tall,100dvh);border-radius:0;
  padding:env(safe-area-inset-top) env(safe-area-inset-right) env(safe-area-inset-bottom) env(safe-area-inset-left);background:var(--paper)}
#scroll{background:var(--ground)}
}
@media(max-width:479.98px) and (max-height:520px){#launcher span{display:none}}
@media(prefers-reduced-motion:reduce){*,::before,::after{animation:none!important;transition:none!important}}
@media(forced-colors:active){#launcher,.b,#send{border:1px solid}}
@media print{:host{display:none}}`;
