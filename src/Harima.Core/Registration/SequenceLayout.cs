using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Harima.Sequences;

namespace Harima.Registration;

/// <summary>Which folders of a tree are which sequence.</summary>
/// <param name="SequenceId">The one sequence everything is; null where each folder <paramref name="Level"/> levels down is one.</param>
sealed record SequenceLayout(string? SequenceId, int Level)
{
    public const int MostLevels = 8;

    // An id has at most 128 characters, and a digest may follow.
    const int LongestName = 100;

    /// <summary>The folder (relative to the tree, without a slash at its end) of the sequence a path belongs to; null for none.</summary>
    public string? FolderOf(string path)
    {
        var end = -1;
        for (var n = 0; n < Level; n++)
        {
            end = path.IndexOf('/', end + 1);
            if (end < 0)
                return null;
        }
        return end < 0 ? "" : path[..end];
    }

    public string IdOf(string folder) => SequenceId ?? IdFrom(folder);

    /// <summary>
    /// The sequence id a folder's name makes. Names that are no ids (in Japanese, with blanks) become one that is as like as can be and
    /// ends in a digest of the name, so that no two folders meet, and the same folder always gets the same.
    /// </summary>
    public static string IdFrom(string folder)
    {
        var segments = folder.Split('/');
        var joined = string.Join('_', segments);
        var isItself =
            joined.Length <= LongestName
            && segments.All(Sequence.IsId)
            && (segments.Length == 1 || segments.All(segment => !segment.Contains('_', StringComparison.Ordinal)));
        if (isItself)
            return joined;
        var plain = new string([
            .. joined.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' ? c : '-'),
        ]).Trim('-', '.', '_');
        if (plain.Length > LongestName)
            plain = plain[..LongestName];
        var digest = XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(folder)).ToString("x16", CultureInfo.InvariantCulture);
        return plain.Length == 0 ? "s-" + digest[..8] : $"{plain}-{digest[..8]}";
    }
}
