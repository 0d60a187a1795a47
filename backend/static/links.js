// The user's links and files: shorten, share, list, copy, delete.

const find = (id) => document.getElementById(id);

/**
 * Bring the section to life.
 * `api(method, path, body)` asks our own API; `onError(error)` takes what this section cannot.
 * Returns `load()`, which shows the newest state, and `clear()`, for who signs out.
 */
export function setUpLinks(api, onError) {
  const list = find("link-list");
  let cursor = null;
  let upload = null;

  function tell(message, problem = false) {
    find("links-message").dataset.kind = problem ? "problem" : "news";
    find("links-message").textContent = message;
  }

  async function attempt(work) {
    try {
      await work();
    } catch (error) {
      if (error.status === 401 || error.status === undefined) onError(error);
      else tell(error.message, true);
    }
  }

  async function load() {
    find("links").hidden = false;
    const page = await api("GET", "/api/links");
    list.replaceChildren();
    show(page);
  }

  function show(page) {
    const known = new Set([...list.children].map((item) => item.dataset.code));
    list.append(...page.links.filter((link) => !known.has(link.short_code)).map(entry));
    cursor = page.next_cursor;
    find("more").hidden = !cursor;
    find("no-links").hidden = list.children.length > 0;
  }

  /** Show a link that was made just now: the service lists it a moment later. */
  function add(link) {
    list.prepend(entry(link));
    find("no-links").hidden = true;
  }

  function entry(link) {
    const item = find("link-entry").content.firstElementChild.cloneNode(true);
    const part = (name) => item.querySelector(`[data-${name}]`);
    const name = link.filename ?? link.target;
    item.dataset.code = link.short_code;
    part("short").href = link.short_url;
    part("short").textContent = link.short_url.replace(/^https?:\/\//, "");
    part("name").textContent = name;
    part("clicks").textContent = `${link.clicks} ${link.clicks === 1 ? "click" : "clicks"}`;
    part("left").textContent = left(link);
    for (const [button, word] of [["copy", "Copy"], ["delete", "Delete"]]) {
      part(button).setAttribute("aria-label", `${word} ${link.short_url}`);
    }
    part("copy").addEventListener("click", () => copy(link.short_url));
    part("delete").addEventListener("click", () => attempt(() => remove(link, item)));
    return item;
  }

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      tell(`Copied ${text}`);
    } catch {
      // Over plain HTTP a page has no clipboard.
      tell(`Copy it from here: ${text}`);
    }
  }

  async function remove(link, item) {
    await api("DELETE", `/api/links/${link.short_code}`);
    const next = item.nextElementSibling ?? item.previousElementSibling;
    item.remove();
    find("no-links").hidden = list.children.length > 0;
    tell(`Deleted ${link.short_url}`);
    (next?.querySelector("[data-delete]") ?? find("links-title")).focus();
  }

  async function shorten(form) {
    const target = form.elements.target.value.trim();
    const link = await api("POST", "/api/links", { target });
    form.reset();
    add(link);
    tell(`Your short link is ${link.short_url}`);
  }

  async function share(form) {
    const file = form.elements.file.files[0];
    const content_type = file.type || "application/octet-stream";
    const body = { filename: file.name, size: file.size, content_type };
    const made = await api("POST", "/api/uploads", body);
    const sent = await send(made.upload, file);
    if (sent) {
      form.reset();
      add(made.link);
    } else {
      await api("DELETE", `/api/links/${made.link.short_code}`);
    }
    tell(sent ? `Your file is at ${made.link.short_url}` : "The file was not sent.", !sent);
  }

  /**
   * Send a file where the API says; tells whether all of it arrived. S3 takes it once: 412 means
   * that the browser sent it again because the first answer was lost.
   */
  function send(where, file) {
    const progress = find("progress");
    upload = new XMLHttpRequest();
    upload.open(where.method, where.url);
    for (const [name, value] of Object.entries(where.headers)) upload.setRequestHeader(name, value);
    upload.upload.addEventListener("progress", (event) => {
      progress.value = event.total ? event.loaded / event.total : 0;
    });
    find("sending").hidden = false;
    return new Promise((resolve) => {
      upload.addEventListener("loadend", () => {
        find("sending").hidden = true;
        progress.value = 0;
        resolve(upload.status === 200 || upload.status === 412);
      });
      upload.send(file);
    });
  }

  function onSubmit(id, work) {
    const form = find(id);
    const button = form.querySelector("[type=submit]");
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (button.getAttribute("aria-disabled") === "true") return;
      button.setAttribute("aria-disabled", "true");
      await attempt(() => work(form));
      button.removeAttribute("aria-disabled");
    });
  }

  onSubmit("shorten", shorten);
  onSubmit("share", share);
  find("cancel").addEventListener("click", () => upload?.abort());
  find("more").addEventListener("click", () =>
    attempt(async () => show(await api("GET", `/api/links?cursor=${encodeURIComponent(cursor)}`))),
  );

  return {
    load: () => attempt(load),
    clear() {
      find("links").hidden = true;
      list.replaceChildren();
      tell("");
    },
  };
}

/** How long a link still leads somewhere. */
function left(link) {
  if (link.expired) return "expired";
  if (!link.expires_at) return "no end";
  const days = Math.ceil((new Date(link.expires_at) - Date.now()) / 86_400_000);
  return `${days} ${days === 1 ? "day" : "days"} left`;
}
