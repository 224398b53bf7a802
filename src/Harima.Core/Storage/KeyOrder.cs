using System.Text;

namespace Harima.Storage;

/// <summary>Order of keys: by UTF-8 bytes, which is by code point (not by UTF-16 unit as .NET compares).</summary>
static class KeyOrder
{
    /// <summary>The smallest key that is greater than <paramref name="key"/>. NUL is refused in keys, so U+0001 is the least character.</summary>
    public static string After(string key) => key + '\u0001';

    /// <summary>The smallest text greater than everything that starts with <paramref name="prefix"/>; null where nothing is.</summary>
    public static string? AfterPrefix(string prefix)
    {
        var runes = prefix.EnumerateRunes().ToList();
        while (runes.Count > 0)
        {
            var last = runes[^1].Value;
            runes.RemoveAt(runes.Count - 1);
            if (last == 0x10FFFF)
                continue;
            var next = last == 0xD7FF ? 0xE000 : last + 1;
            return string.Concat(runes) + new Rune(next);
        }
        return null;
    }

    public static int Compare(string a, string b)
    {
        // Surrogates sort below U+E000..U+FFFF by unit and above them by code point; nothing else differs.
        var length = Math.Min(a.Length, b.Length);
        for (var i = 0; i < length; i++)
        {
            var (x, y) = (a[i], b[i]);
            if (x == y)
                continue;
            var (sx, sy) = (char.IsSurrogate(x), char.IsSurrogate(y));
            return sx == sy ? x.CompareTo(y)
                : sx ? 1
                : -1;
        }
        return a.Length.CompareTo(b.Length);
    }
}
