using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace Harima.Metadata.Schemas;

/// <summary>The formats that are checked: those of RFC 3339, RFC 3986, RFC 4122 and a few more. Others (markdown) are notes.</summary>
static partial class SchemaFormats
{
    static readonly Dictionary<string, Func<string, bool>> Checks = new(StringComparer.Ordinal)
    {
        ["date"] = IsDate,
        ["time"] = IsTime,
        ["date-time"] = text => text.Length > 11 && text[10] is 'T' or 't' && IsDate(text[..10]) && IsTime(text[11..]),
        ["duration"] = text => Duration().IsMatch(text) && text[^1] is not ('T' or 'P'),
        ["uuid"] = text => text.Length == 36 && Guid.TryParseExact(text, "D", out _),
        ["uri"] = text => Ascii(text) && Uri.IsWellFormedUriString(text, UriKind.Absolute) && text.Contains(':'),
        ["email"] = text => Email().Match(text) is { Success: true } match && IsLiteral(match.Groups[1].Value),
        ["ipv4"] = text => Ipv4().IsMatch(text) && IPAddress.TryParse(text, out _),
        ["json-pointer"] = text => text.Length == 0 || Pointer().IsMatch(text),
        ["regex"] = text => SchemaPattern.TryCompile(text) is not null,
    };

    public static IEnumerable<string> Known => Checks.Keys;

    public static bool IsValid(string format, string text) => !Checks.TryGetValue(format, out var check) || check(text);

    static bool Ascii(string text) =>
        text.All(c =>
            c is > ' ' and < (char)127 and not ('\\' or '<' or '>' or '"' or '{' or '}' or '|' or '^' or '`')
        );

    /// <summary>The address in brackets that may stand for a domain.</summary>
    static bool IsLiteral(string text) =>
        text.Length == 0
        || (
            text.StartsWith("IPv6:", StringComparison.Ordinal)
                ? IPAddress.TryParse(text["IPv6:".Length..], out var six)
                    && six.AddressFamily == AddressFamily.InterNetworkV6
                : Ipv4().IsMatch(text) && IPAddress.TryParse(text, out _)
        );

    static bool IsDate(string text) =>
        text.All(c => char.IsAsciiDigit(c) || c == '-')
        && DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    static bool IsTime(string text)
    {
        var match = Time().Match(text);
        if (!match.Success)
            return false;
        int Part(int group) =>
            match.Groups[group].Success ? int.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture) : 0;
        var (hour, minute, second) = (Part(1), Part(2), Part(3));
        var (offsetHour, offsetMinute) = (Part(5), Part(6));
        if (hour > 23 || minute > 59 || second > 60 || offsetHour > 23 || offsetMinute > 59)
            return false;
        if (second < 60)
            return true;
        // A leap second is the last of a day in UTC.
        var sign = match.Groups[4].ValueSpan is "-" ? 1 : -1;
        var utc = (hour * 60 + minute + sign * (offsetHour * 60 + offsetMinute) + 2880) % 1440;
        return utc == 1439;
    }

    [GeneratedRegex(@"\A([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]+)?(?:[zZ]|([+-])([0-9]{2}):([0-9]{2}))\z")]
    private static partial Regex Time();

    [GeneratedRegex(
        @"\AP(?:[0-9]+W|(?:[0-9]+Y(?:[0-9]+M(?:[0-9]+D)?)?|[0-9]+M(?:[0-9]+D)?|[0-9]+D)?(?:T(?:[0-9]+H(?:[0-9]+M(?:[0-9]+S)?)?|[0-9]+M(?:[0-9]+S)?|[0-9]+S))?)\z"
    )]
    private static partial Regex Duration();

    [GeneratedRegex(
        "\\A(?:[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*|\"(?:[^\"\\\\]|\\\\.)+\")@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*|\\[([0-9.]+|IPv6:[0-9A-Fa-f:.]+)\\])\\z"
    )]
    private static partial Regex Email();

    [GeneratedRegex(@"\A(?:(?:0|[1-9][0-9]{0,2})\.){3}(?:0|[1-9][0-9]{0,2})\z")]
    private static partial Regex Ipv4();

    [GeneratedRegex(@"\A(?:/(?:[^~/]|~[01])*)+\z")]
    private static partial Regex Pointer();
}
