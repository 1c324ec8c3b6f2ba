/*
 * Dates and times in British English and this machine's time zone. Without Intl, whose first formatter costs the window
 * four megabytes.
 */
const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

/** `09:05:00` */
export function clock(date: Date): string {
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((n) => String(n).padStart(2, "0")).join(":");
}

/** `21 Nov` */
export function shortDate(date: Date): string {
  return `${date.getDate()} ${MONTHS[date.getMonth()]?.slice(0, 3)}`;
}

/** `Saturday 21 November` */
export function dayName(date: Date): string {
  return `${DAYS[date.getDay()]} ${date.getDate()} ${MONTHS[date.getMonth()]}`;
}

/** `Saturday 21 November 2026, 09:05:00` */
export function fullTime(date: Date): string {
  return `${dayName(date)} ${date.getFullYear()}, ${clock(date)}`;
}
