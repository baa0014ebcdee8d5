/** Whether an Accept-Encoding header takes `encoding`. */
export function accepts(header: string | undefined, encoding: 'gzip' | 'br'): boolean {
  return (header ?? '').split(',').some((part) => {
    const [name, quality] = part
      .trim()
      .toLowerCase()
      .split(/\s*;\s*q=/);
    return name === encoding && Number(quality ?? 1) > 0;
  });
}
