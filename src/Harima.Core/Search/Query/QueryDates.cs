using System.Globalization;
using System.Text;

namespace Harima.Search.Query;

/// <summary>A stretch of time, its end not included.</summary>
public readonly record struct TimeSpanOf(DateTimeOffset From, DateTimeOffset Before);

/// <summary>
/// Times as people write them: <c>2026</c>, <c>2026-04</c>, <c>2026/4/1</c>, <c>2026年4月1日</c>, <c>2026-04-01 09:30</c>, <c>2026-04-01T09:30:15+09:00</c>.
/// Each is all of what it names: 2026-04 is the whole of April.
/// </summary>
public static class QueryDates
{
    /// <summary>Where nothing else is said, times are Japanese.</summary>
    public static readonly TimeSpan Zone = TimeSpan.FromHours(9);

    static readonly string[] Minutes = ["yyyy-M-d H:m", "yyyy-M-dTH:m", "yyyy-M-dTH:mzzz", "yyyy-M-d H:mzzz"];

    static readonly string[] Seconds =
    [
        "yyyy-M-d H:m:s",
        "yyyy-M-dTH:m:s",
        "yyyy-M-dTH:m:szzz",
        "yyyy-M-d H:m:szzz",
        "yyyy-M-dTH:m:s.FFFFFFF",
        "yyyy-M-d H:m:s.FFFFFFF",
        "yyyy-M-dTH:m:s.FFFFFFFzzz",
    ];

    /// <summary>A year alone is a number as well; <paramref name="withYear"/> says whether it counts here.</summary>
    public static bool TryParse(string text, bool withYear, out TimeSpanOf span)
    {
        span = default;
        if (text.Length is < 4 or > 40)
            return false;
        var plain = text.Trim()
            .Normalize(NormalizationForm.FormKC)
            .Replace('/', '-')
            .Replace("年", "-", StringComparison.Ordinal)
            .Replace("月", "-", StringComparison.Ordinal)
            .Replace("日", "", StringComparison.Ordinal)
            .TrimEnd('-')
            .Replace("Z", "+00:00", StringComparison.Ordinal);
        if (plain.Length < 4 || !char.IsAsciiDigit(plain[0]))
            return false;
        return (withYear && TryParse(plain, ["yyyy"], at => at.AddYears(1), out span))
            || TryParse(plain, ["yyyy-M"], at => at.AddMonths(1), out span)
            || TryParse(plain, ["yyyy-M-d"], at => at.AddDays(1), out span)
            || TryParse(plain, Minutes, at => at.AddMinutes(1), out span)
            || TryParse(plain, Seconds, at => at.AddSeconds(1), out span);
    }

    static bool TryParse(string text, string[] formats, Func<DateTimeOffset, DateTimeOffset> end, out TimeSpanOf span)
    {
        span = default;
        if (
            !DateTimeOffset.TryParseExact(
                text,
                formats,
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal,
                out var at
            )
        )
            return false;
        // Without a zone it was read as UTC; the clock on the wall was Japanese.
        var hasZone =
            text.Length > 6
            && text[^6] is '+' or '-'
            && text[^3] == ':'
            && text.Contains(':', StringComparison.Ordinal);
        if (!hasZone)
            at = new DateTimeOffset(at.DateTime, Zone);
        if (at.Year is < 1900 or > 2200)
            return false;
        span = new TimeSpanOf(at, end(at));
        return true;
    }
}
