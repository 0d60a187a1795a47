// The page: which of its sections is shown follows from the token and the trial's status.

import { resetPassword, sendCode, setFirstPassword, signIn } from "./cognito.js";
import { setUpLinks } from "./links.js";
import { configuration, forget, isSignedIn, keep, token } from "./session.js";

const find = (id) => document.getElementById(id);
const SECTIONS = [
  ...["loading", "signed-out", "first-password", "forgot", "reset"],
  ...["new", "running", "over", "failed"],
];
const ENDED = "Your sign-in has ended. Sign in again.";
const WEAK =
  "The password needs at least 12 characters, with a capital and a small letter, a digit and a symbol.";

// What a rejection means where no password was sent.
const REJECTED = {
  "first-password": "That took too long. Go back, and sign in with your first password again.",
  forgot: "The password of this account cannot be reset. Ask the person who invited you.",
  reset: "The password of this account cannot be reset. Ask the person who invited you.",
};

// Who is signing in or resets a password, and the challenge of a first sign-in.
let email = "";
let challenge;

/** An answer of our own API that is not a success. */
class ApiError extends Error {
  constructor(status, body) {
    super(body?.error?.message ?? "The service did not answer.");
    this.status = status;
    this.body = body;
  }
}

async function api(method, path, body) {
  const current = await token();
  if (!current) throw new ApiError(401, { error: { message: ENDED } });
  const headers = { Authorization: `Bearer ${current}` };
  if (body) headers["Content-Type"] = "application/json";
  const response = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
  const answer = await response.json().catch(() => null);
  if (!response.ok) throw new ApiError(response.status, answer);
  return answer;
}

const links = setUpLinks(api, onError);

/** Show one section, tell what happened, and take the keyboard and screen reader there. */
function show(section, message = "", { focus = true, problem = false } = {}) {
  for (const id of SECTIONS) find(id).hidden = id !== section;
  document.body.dataset.state = section;
  find("sign-out").hidden = !isSignedIn();
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
  if (!isSignedIn()) return show("signed-out", "", options);
  try {
    showTrial(await api("GET", "/api/me/trial"), "", options);
  } catch (error) {
    return onError(error);
  }
  return links.load();
}

function onError(error) {
  if (error.status === 401) {
    forget();
    links.clear();
    return show("signed-out", error.message, { problem: true });
  }
  if (error.status === 409) return showTrial(error.body.trial, error.message, { problem: true });
  links.clear();
  return show("failed");
}

async function startTrial() {
  try {
    showTrial(await api("POST", "/api/me/trial"), "Your free trial has started.");
  } catch (error) {
    onError(error);
  }
}

async function submitSignIn(form) {
  email = form.elements.email.value.trim();
  const answer = await signIn(await configuration(), email, form.elements.password.value);
  form.reset();
  if (answer.AuthenticationResult) return enter(answer.AuthenticationResult);
  challenge = answer;
  return show("first-password", "Choose a password of your own to go on.");
}

async function submitFirstPassword(form) {
  const password = form.elements["first-password-new"].value;
  const tokens = await setFirstPassword(await configuration(), email, challenge, password);
  form.reset();
  return enter(tokens);
}

async function submitForgot(form) {
  email = form.elements["forgot-email"].value.trim();
  await sendCode(await configuration(), email);
  form.reset();
  return show("reset", "If this address has an account, a code is on its way to it.");
}

async function submitReset(form) {
  const password = form.elements["reset-password"].value;
  const config = await configuration();
  await resetPassword(config, email, form.elements["reset-code"].value.trim(), password);
  form.reset();
  return enter((await signIn(config, email, password)).AuthenticationResult);
}

function enter(tokens) {
  keep(tokens);
  return load();
}

function accountProblem(error) {
  switch (error.name) {
    case "NotAuthorizedException":
    case "UserNotFoundException":
      return REJECTED[document.body.dataset.state] ?? "Email or password is wrong.";
    case "InvalidPasswordException":
    case "InvalidParameterException":
      return WEAK;
    case "CodeMismatchException":
    case "ExpiredCodeException":
      return "The code is wrong or too old. Ask for another one.";
    case "PasswordResetRequiredException":
      return "Your password must be reset: choose Forgot your password?";
    case "UserNotConfirmedException":
      return "Your account is not confirmed yet. Ask who invited you.";
    case "TooManyRequestsException":
    case "LimitExceededException":
      return "Too many attempts. Wait some minutes.";
    default:
      return "That did not work. Check your connection, and try again shortly.";
  }
}

function signOut() {
  forget();
  links.clear();
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

/** Let a form's button do `work`; what goes wrong is told beside the form, which stays filled in. */
function onSubmit(id, work) {
  const form = find(id);
  const attempt = async () => {
    try {
      await work(form);
    } catch (error) {
      show(document.body.dataset.state, accountProblem(error), { focus: false, problem: true });
      form.querySelector("input:last-of-type").focus();
    }
  };
  form.addEventListener("submit", once(form.querySelector("[type=submit]"), attempt));
}

onSubmit("sign-in", submitSignIn);
onSubmit("choose-password", submitFirstPassword);
onSubmit("ask-for-code", submitForgot);
onSubmit("reset-by-code", submitReset);
find("forgot-password").addEventListener("click", () => show("forgot"));
for (const button of document.querySelectorAll("[data-back]")) {
  button.addEventListener("click", () => show("signed-out"));
}
find("start-trial").addEventListener("click", once(find("start-trial"), startTrial));
find("retry").addEventListener("click", once(find("retry"), () => load()));
find("sign-out").addEventListener("click", signOut);
load({ focus: false });
