// The page: which of its sections is shown follows from the token and the trial's status.
// The token lives in this tab's session storage, never in an address.

import { signIn } from "./cognito.js";

const TOKEN = "fileshare.token";
const find = (id) => document.getElementById(id);
const SECTIONS = ["loading", "signed-out", "new", "running", "over", "failed"];

/** An answer of our own API that is not a success. */
class ApiError extends Error {
  constructor(status, body) {
    super(body?.error?.message ?? "The service did not answer.");
    this.status = status;
    this.body = body;
  }
}

async function api(method, path) {
  const response = await fetch(path, {
    method,
    headers: { Authorization: `Bearer ${sessionStorage.getItem(TOKEN)}` },
  });
  const body = await response.json().catch(() => null);
  if (!response.ok) throw new ApiError(response.status, body);
  return body;
}

/** Show one section, tell what happened, and take the keyboard and screen reader there. */
function show(section, message = "", { focus = true, problem = false } = {}) {
  for (const id of SECTIONS) find(id).hidden = id !== section;
  document.body.dataset.state = section;
  find("sign-out").hidden = !sessionStorage.getItem(TOKEN);
  find("message").dataset.kind = problem ? "problem" : "news";
  find("message").textContent = message;
  if (focus) find(section).querySelector("h1").focus();
}

function showTrial(trial, message, options) {
  if (!trial.trial_used) return show("new", message, options);
  const section = trial.tier === "premium" ? "running" : "over";
  const time = find(section).querySelector("[data-expires]");
  time.dateTime = trial.trial_expires_at;
  time.textContent = new Date(trial.trial_expires_at).toLocaleString(undefined, {
    dateStyle: "long",
    timeStyle: "short",
  });
  if (section === "running") {
    const days = trial.trial_days_remaining;
    find(section).querySelector("[data-days]").textContent = days;
    find(section).querySelector("[data-unit]").textContent = days === 1 ? "day" : "days";
  }
  return show(section, message, options);
}

async function load(options) {
  if (!sessionStorage.getItem(TOKEN)) return show("signed-out", "", options);
  try {
    return showTrial(await api("GET", "/api/me/trial"), "", options);
  } catch (error) {
    return onError(error);
  }
}

function onError(error) {
  if (error.status === 401) {
    sessionStorage.removeItem(TOKEN);
    return show("signed-out", error.message, { problem: true });
  }
  if (error.status === 409) return showTrial(error.body.trial, error.message, { problem: true });
  return show("failed");
}

async function startTrial() {
  try {
    showTrial(await api("POST", "/api/me/trial"), "Your free trial has started.");
  } catch (error) {
    onError(error);
  }
}

async function submitSignIn(event) {
  try {
    const config = await (await fetch("/config.json")).json();
    const tokens = await signIn(config, find("email").value.trim(), find("password").value);
    sessionStorage.setItem(TOKEN, tokens.IdToken);
    event.target.reset();
  } catch (error) {
    show("signed-out", signInProblem(error), { focus: false, problem: true });
    find("password").focus();
    return;
  }
  await load();
}

function signInProblem(error) {
  switch (error.name) {
    case "NotAuthorizedException":
    case "UserNotFoundException":
      return "Email or password is wrong.";
    case "NEW_PASSWORD_REQUIRED":
    case "PasswordResetRequiredException":
      return "Your password must be changed before you can sign in here.";
    case "UserNotConfirmedException":
      return "Confirm your email address first.";
    case "TooManyRequestsException":
    case "LimitExceededException":
      return "Too many attempts. Wait a moment.";
    default:
      return "Signing in did not work. Try again shortly.";
  }
}

function signOut() {
  sessionStorage.removeItem(TOKEN);
  show("signed-out", "You are signed out.");
}

/** Run `work` once at a time; the button stays focusable, so the keyboard does not get lost. */
function once(button, work) {
  return async (event) => {
    event.preventDefault();
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true");
    try {
      await work(event);
    } finally {
      button.removeAttribute("aria-disabled");
    }
  };
}

const form = find("sign-in");
form.addEventListener("submit", once(form.querySelector("button"), submitSignIn));
find("start-trial").addEventListener("click", once(find("start-trial"), startTrial));
find("retry").addEventListener("click", once(find("retry"), () => load()));
find("sign-out").addEventListener("click", signOut);
load({ focus: false });
