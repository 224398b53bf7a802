using System.Globalization;
using System.Text;
using Harima.Catalogue;

namespace Harima.Search.Query;

/// <summary>A stretch of time, its end not included.</summary>
public readonly record struct TimeSpanOf(DateTimeOffset From, DateTimeOffset Before);

/// <summary>
/// Times as people write them: <c>2026</c>, <c>2026-04</c>, <c>2026/4/1</c>, <c>2026年4月1日</c>, <c>2026-04-01 09:30</c>, <c>2026-04-01T09:30:15+09:00</c>.
/// Each is all of what it names: 2026-04 is the whole of April. Where nothing else is said, the clock is the facility's.
/// </summary>
public static class QueryDates
{
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
    public static bool TryParse(string text, bool withYear, FacilityClock clock, out TimeSpanOf span)
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
        return (withYear && TryParse(plain, ["yyyy"], at => at.AddYears(1), clock, out span))
            || TryParse(plain, ["yyyy-M"], at => at.AddMonths(1), clock, out span)
            || TryParse(plain, ["yyyy-M-d"], at => at.AddDays(1), clock, out span)
            || TryParse(plain, Minutes, at => at.AddMinutes(1), clock, out span)
            || TryParse(plain, Seconds, at => at.AddSeconds(1), clock, out span);
    }

    static bool TryParse(
        string text,
        string[] formats,
        Func<DateTime, DateTime> end,
        FacilityClock clock,
        out TimeSpanOf span
    )
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
        var hasZone =
            text.Length > 6
            && text[^6] is '+' or '-'
            && text[^3] == ':'
            && text.Contains(':', StringComparison.Ordinal);
        if (at.Year is < 1900 or > 2200)
            return false;
        // Without a zone it was read as UTC; the end is what the wall shows then, which in a month with a change of the clock is not as far.
        span = hasZone
            ? new TimeSpanOf(at, new DateTimeOffset(end(at.DateTime), at.Offset))
            : new TimeSpanOf(clock.First(at.DateTime), clock.After(end(at.DateTime)));
        return true;
    }
}
