// Sign-in to the Cognito user pool by SRP, so that the password never leaves the browser.
// Without WebCrypto (a page without TLS), the pool must allow USER_PASSWORD_AUTH.

const N_HEX =
  "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD" +
  "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED" +
  "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F" +
  "83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B" +
  "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510" +
  "15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7" +
  "ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C" +
  "BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF";
const N = BigInt("0x" + N_HEX);
const G = 2n;

/** What Cognito refused; `name` is its error type. */
export class CognitoError extends Error {
  constructor(name, message) {
    super(message);
    this.name = name;
  }
}

/**
 * What Cognito answers to a sign-in: AuthenticationResult, or the challenge NEW_PASSWORD_REQUIRED.
 * Throws CognitoError, or TypeError when Cognito cannot be reached.
 */
export async function signIn(config, username, password) {
  const answer = globalThis.crypto?.subtle
    ? await signInWithSrp(config, username, password)
    : await ask(config, "InitiateAuth", {
        AuthFlow: "USER_PASSWORD_AUTH",
        AuthParameters: { USERNAME: username, PASSWORD: password },
      });
  if (answer.AuthenticationResult || answer.ChallengeName === "NEW_PASSWORD_REQUIRED") {
    return answer;
  }
  throw new CognitoError(answer.ChallengeName, "This account needs a step that this page lacks.");
}

/** The tokens of a user who signed in with a temporary password, and has chosen another. */
export async function setFirstPassword(config, username, challenge, password) {
  const given = challenge.ChallengeParameters;
  const answer = await ask(config, "RespondToAuthChallenge", {
    ChallengeName: "NEW_PASSWORD_REQUIRED",
    Session: challenge.Session,
    ChallengeResponses: {
      USERNAME: given.USER_ID_FOR_SRP ?? given.USERNAME ?? username,
      NEW_PASSWORD: password,
    },
  });
  return answer.AuthenticationResult;
}

/** Have Cognito send a code to the user's verified address. */
export function sendCode(config, username) {
  return ask(config, "ForgotPassword", { Username: username });
}

/** Set another password by the code that was sent. */
export function resetPassword(config, username, code, password) {
  const request = { Username: username, ConfirmationCode: code, Password: password };
  return ask(config, "ConfirmForgotPassword", request);
}

/** New tokens; Cognito gives no new refresh token. */
export async function refresh(config, refreshToken) {
  const answer = await ask(config, "InitiateAuth", {
    AuthFlow: "REFRESH_TOKEN_AUTH",
    AuthParameters: { REFRESH_TOKEN: refreshToken },
  });
  return answer.AuthenticationResult;
}

async function signInWithSrp(config, username, password) {
  const secret = BigInt("0x" + hex(crypto.getRandomValues(new Uint8Array(128)))) % N;
  const publicA = power(G, secret, N);
  const first = await ask(config, "InitiateAuth", {
    AuthFlow: "USER_SRP_AUTH",
    AuthParameters: { USERNAME: username, SRP_A: publicA.toString(16) },
  });
  if (first.ChallengeName !== "PASSWORD_VERIFIER") return first;
  const challenge = first.ChallengeParameters;
  const timestamp = cognitoTime(new Date());
  const poolName = config.user_pool_id.split("_")[1];
  return ask(config, "RespondToAuthChallenge", {
    ChallengeName: "PASSWORD_VERIFIER",
    Session: first.Session,
    ChallengeResponses: {
      USERNAME: challenge.USERNAME,
      PASSWORD_CLAIM_SECRET_BLOCK: challenge.SECRET_BLOCK,
      PASSWORD_CLAIM_SIGNATURE: await signature(secret, poolName, password, challenge, timestamp),
      TIMESTAMP: timestamp,
    },
  });
}

/** The proof of the password that Cognito expects (base64), without the password in it. */
export async function signature(secret, poolName, password, challenge, timestamp) {
  const publicA = power(G, secret, N);
  const publicB = BigInt("0x" + challenge.SRP_B);
  if (publicB % N === 0n) throw new CognitoError("InvalidChallenge", "The challenge is invalid.");
  const k = await hashNumber(evenHex(N) + evenHex(G));
  const u = await hashNumber(evenHex(publicA) + evenHex(publicB));
  const user = challenge.USER_ID_FOR_SRP;
  const identity = hex(await sha256(utf8(`${poolName}${user}:${password}`)));
  const x = await hashNumber(evenHex(BigInt("0x" + challenge.SALT)) + identity);
  const base = (((publicB - k * power(G, x, N)) % N) + N) % N;
  const shared = power(base, secret + u * x, N);
  const extracted = await hmac(bytes(evenHex(u)), bytes(evenHex(shared)));
  const key = (await hmac(extracted, join(utf8("Caldera Derived Key"), [1]))).slice(0, 16);
  const block = unbase64(challenge.SECRET_BLOCK);
  const proof = await hmac(key, join(utf8(poolName + user), block, utf8(timestamp)));
  return btoa(String.fromCharCode(...proof));
}

/** The one date format that Cognito accepts: Tue Nov 3 04:05:06 UTC 2026, in English. */
export function cognitoTime(date) {
  const [weekday, day, month, year, time] = date.toUTCString().replace(",", "").split(" ");
  return `${weekday} ${month} ${Number(day)} ${time} UTC ${year}`;
}

async function ask(config, operation, body) {
  const response = await fetch(`${config.cognito_endpoint}/`, {
    method: "POST",
    headers: {
      "Content-Type": "application/x-amz-json-1.1",
      "X-Amz-Target": `AWSCognitoIdentityProviderService.${operation}`,
    },
    body: JSON.stringify({ ClientId: config.client_id, ...body }),
  });
  const answer = JSON.parse((await response.text()) || "{}");
  if (response.ok) return answer;
  throw new CognitoError((answer.__type ?? "").split("#").pop(), answer.message ?? "");
}

function power(base, exponent, modulus) {
  let result = 1n;
  for (let b = base % modulus, e = exponent; e > 0n; e >>= 1n, b = (b * b) % modulus) {
    if (e & 1n) result = (result * b) % modulus;
  }
  return result;
}

/** Hex of even length whose first bit is 0: Cognito reads numbers as signed. */
function evenHex(number) {
  const text = number.toString(16);
  if (text.length % 2) return "0" + text;
  return "89abcdef".includes(text[0]) ? "00" + text : text;
}

async function hashNumber(hexText) {
  return BigInt("0x" + hex(await sha256(bytes(hexText))));
}

async function sha256(data) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", data));
}

async function hmac(key, data) {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const imported = await crypto.subtle.importKey("raw", key, algorithm, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, data));
}

const utf8 = (text) => new TextEncoder().encode(text);
const hex = (data) => Array.from(data, (byte) => byte.toString(16).padStart(2, "0")).join("");
const bytes = (text) => Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));
const join = (...parts) => Uint8Array.from(parts.flatMap((part) => Array.from(part)));
const unbase64 = (text) =>
  Uint8Array.from(atob(text.replace(/[^A-Za-z0-9+/]/g, "")), (char) => char.charCodeAt(0));
