using System.Text;
using System.Text.RegularExpressions;
using Harima.Faults;
using Harima.Storage;

namespace Harima.Registration;

/// <summary>
/// Which files of a tree are catalogued. A pattern is matched against the path below the registered folder: <c>*</c> is anything within a
/// name, <c>?</c> one character, <c>**</c> any folders. Without a slash (other than at its end) it is met by that name in any folder; with a
/// slash at its end by folders only. A folder that is met means everything in it.
/// </summary>
public sealed class FilePatterns
{
    public const int MostPatterns = 100;
    const int LongestPattern = 500;

    readonly List<Regex> _include;
    readonly List<Regex> _exclude;

    FilePatterns(IReadOnlyList<string> include, IReadOnlyList<string> exclude)
    {
        (Include, Exclude) = (include, exclude);
        (_include, _exclude) = ([.. include.Select(Compile)], [.. exclude.Select(Compile)]);
    }

    public static FilePatterns All { get; } = new([], []);

    /// <summary>Empty for all files.</summary>
    public IReadOnlyList<string> Include { get; }

    /// <summary>Counts more than <see cref="Include"/>.</summary>
    public IReadOnlyList<string> Exclude { get; }

    /// <exception cref="FaultException">Invalid (<c>registration-pattern</c>).</exception>
    public static FilePatterns Parse(IEnumerable<string>? include, IEnumerable<string>? exclude)
    {
        var (wanted, unwanted) = (Clean(include), Clean(exclude));
        return wanted.Count + unwanted.Count == 0 ? All : new FilePatterns(wanted, unwanted);
    }

    /// <summary>As they are kept: one a line.</summary>
    internal string IncludeText => string.Join('\n', Include);

    internal string ExcludeText => string.Join('\n', Exclude);

    internal static FilePatterns Read(string include, string exclude) =>
        Parse(
            include.Split('\n', StringSplitOptions.RemoveEmptyEntries),
            exclude.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        );

    static List<string> Clean(IEnumerable<string>? patterns)
    {
        var clean = (patterns ?? [])
            .Select(pattern => pattern.Trim())
            .Where(pattern => pattern.Length > 0)
            .Distinct(StringComparer.Ordinal)
            .ToList();
        if (clean.Count > MostPatterns)
            throw Fault.Invalid("registration-pattern", $"Give at most {MostPatterns} patterns.");
        foreach (var pattern in clean)
            if (
                pattern.Length > LongestPattern
                || pattern.Trim('/').Length == 0
                || pattern.Any(char.IsControl)
                || pattern.Split('/').Any(segment => segment is "." or "..")
            )
                throw Fault.Invalid(
                    "registration-pattern",
                    $"'{pattern}' is no pattern of files. Write names as they stand below the folder, such as *.h5, raw/**/*.cbf or backup/.",
                    ("pattern", pattern)
                );
        return clean;
    }

    /// <summary>Whether a file is catalogued.</summary>
    public bool Takes(string path) =>
        !Skips(path) && (_include.Count == 0 || _include.Any(pattern => pattern.IsMatch(path)));

    /// <summary>Whether a file, or a folder (with a slash at its end) and so everything in it, is left out.</summary>
    public bool Skips(string path) => _exclude.Any(pattern => pattern.IsMatch(path));

    /// <summary>Whether what a walk meets is left out: a file that is not taken, or something that cannot be catalogued and is to be passed over.</summary>
    internal bool Excludes(Walked walked) => walked.Problem is null ? !Takes(walked.Path) : Skips(walked.Path);

    // Linear in the length of the path, whatever the pattern.
    static Regex Compile(string pattern) =>
        new(
            ToExpression(pattern),
            RegexOptions.NonBacktracking | RegexOptions.Singleline | RegexOptions.CultureInvariant
        );

    static string ToExpression(string pattern)
    {
        var isFolder = pattern.EndsWith('/');
        var segments = pattern.Trim('/').Split('/');
        var text = new StringBuilder("^");
        if (segments.Length == 1 && !pattern.StartsWith('/') && segments[0] != "**")
            text.Append("(?:.*/)?");
        for (var n = 0; n < segments.Length; n++)
        {
            var isLast = n == segments.Length - 1;
            if (segments[n] == "**")
            {
                text.Append(isLast ? ".+" : "(?:.*/)?");
                continue;
            }
            foreach (var c in segments[n])
                text.Append(
                    c switch
                    {
                        '*' => "[^/]*",
                        '?' => "[^/]",
                        _ => Regex.Escape(c.ToString()),
                    }
                );
            if (!isLast)
                text.Append('/');
        }
        return text.Append(isFolder ? "/.*$" : "(?:/.*)?$").ToString();
    }
}
