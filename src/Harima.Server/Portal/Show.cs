using System.Globalization;

namespace Harima.Portal;

/// <summary>How quantities are written in the portal.</summary>
static class Show
{
    static readonly string[] Units = ["B", "kB", "MB", "GB", "TB", "PB"];

    /// <summary>One of two forms of a name that the catalogue holds in both languages.</summary>
    public static string Pick(string english, string japanese) =>
        CultureInfo.CurrentUICulture.TwoLetterISOLanguageName == "ja" && japanese.Length > 0 ? japanese : english;

    public static string Count(long count) => count.ToString("N0", CultureInfo.CurrentCulture);

    /// <summary>In MB (10^6 bytes), as the column says: enough digits that a small file is not nothing.</summary>
    public static string Megabytes(long bytes)
    {
        var megabytes = bytes / 1e6;
        return megabytes switch
        {
            0 => "0",
            < 0.01 => "< 0.01",
            < 10 => megabytes.ToString("N2", CultureInfo.CurrentCulture),
            < 100 => megabytes.ToString("N1", CultureInfo.CurrentCulture),
            _ => megabytes.ToString("N0", CultureInfo.CurrentCulture),
        };
    }

    /// <summary>With the unit that suits; decimal units, as disks count.</summary>
    public static string Bytes(long bytes)
    {
        double scaled = bytes;
        var unit = 0;
        while (scaled >= 999.5 && unit < Units.Length - 1)
        {
            scaled /= 1000;
            unit++;
        }
        var format =
            unit == 0 || scaled >= 100 ? "N0"
            : scaled >= 10 ? "N1"
            : "N2";
        return $"{scaled.ToString(format, CultureInfo.CurrentCulture)} {Units[unit]}";
    }

    /// <summary>How long something has lasted, in the unit that suits: "3 days", "5 h", "12 min".</summary>
    public static string Age(TimeSpan time, Texts texts) =>
        time switch
        {
            { TotalDays: >= 2 } => texts["Age.Days", Count((long)time.TotalDays)],
            { TotalHours: >= 2 } => texts["Age.Hours", Count((long)time.TotalHours)],
            _ => texts["Age.Minutes", Count(Math.Max(1, (long)time.TotalMinutes))],
        };

    public static string Utc(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    public static string Iso(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
