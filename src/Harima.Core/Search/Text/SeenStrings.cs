namespace Harima.Search.Text;

/// <summary>
/// Words come again and again: each that was seen lately is one string, and a document costs no memory for it. Shared by all threads
/// without a lock: a place is read and written whole, and whoever loses a race only has a string of their own.
/// </summary>
static class SeenStrings
{
    const int LongestKept = 64;
    static readonly string?[] Places = new string?[1 << 17];

    public static string Of(ReadOnlySpan<char> text)
    {
        if (text.Length > LongestKept)
            return text.ToString();
        ref var place = ref Places[string.GetHashCode(text) & (Places.Length - 1)];
        if (place is { } seen && text.SequenceEqual(seen))
            return seen;
        return place = text.ToString();
    }
}
