using System.Text;
using System.Text.Json;
using Harima.Faults;

namespace Harima.Catalogue;

/// <summary>One page of a list. A cursor is opaque; null where there is nothing more that way.</summary>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next, string? Previous = null);

static class Page
{
    /// <summary>Of rows read with one more than fit: that one says that there is a next page, and is left out.</summary>
    /// <param name="after">The sort values of the last row of the page.</param>
    public static Page<T> Of<T>(List<T> rows, int limit, Func<T, object[]> after)
    {
        if (rows.Count <= limit)
            return new Page<T>(rows, null);
        rows.RemoveAt(limit);
        return new Page<T>(rows, Cursor.Encode(after(rows[^1])));
    }
}

/// <summary>Opaque keyset cursors: the sort values of the row to continue after.</summary>
static class Cursor
{
    public static string Encode(params object[] values) =>
        Convert
            .ToBase64String(JsonSerializer.SerializeToUtf8Bytes(values))
            .Replace('+', '-')
            .Replace('/', '_')
            .TrimEnd('=');

    /// <summary>Of a list ordered by one number; null for its first page.</summary>
    public static long? IdOf(string? cursor) => cursor is null ? null : Decode(cursor, 1)[0].GetInt64();

    /// <exception cref="FaultException">Invalid for what no list of this server gave, here and where a value is read that is of another kind.</exception>
    public static CursorValue[] Decode(string cursor, int count)
    {
        try
        {
            var text = cursor.Replace('-', '+').Replace('_', '/');
            var bytes = Convert.FromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '='));
            var values = JsonSerializer.Deserialize<JsonElement[]>(Encoding.UTF8.GetString(bytes));
            if (values?.Length == count)
                return Array.ConvertAll(values, value => new CursorValue(value, cursor));
        }
        catch (Exception fault) when (fault is FormatException or JsonException) { }
        throw Foreign(cursor);
    }

    internal static FaultException Foreign(string cursor) =>
        Fault.Invalid(
            "bad-cursor",
            "The page cursor is not one this server gave. Start again from the first page.",
            ("cursor", cursor)
        );
}

/// <summary>One of the values in a cursor, which anybody may have written.</summary>
readonly struct CursorValue(JsonElement json, string cursor)
{
    public bool IsNull => json.ValueKind == JsonValueKind.Null;

    public long GetInt64() =>
        json.ValueKind == JsonValueKind.Number && json.TryGetInt64(out var number)
            ? number
            : throw Cursor.Foreign(cursor);

    public double GetDouble() =>
        json.ValueKind == JsonValueKind.Number && json.TryGetDouble(out var number) && double.IsFinite(number)
            ? number
            : throw Cursor.Foreign(cursor);

    public bool GetBoolean() =>
        json.ValueKind is JsonValueKind.True or JsonValueKind.False ? json.GetBoolean() : throw Cursor.Foreign(cursor);

    /// <summary>Without U+0000, which no list has in its order and PostgreSQL takes in no text.</summary>
    public string GetString() => FindString() ?? throw Cursor.Foreign(cursor);

    /// <returns>Null for null.</returns>
    public string? FindString()
    {
        if (IsNull)
            return null;
        try
        {
            if (json.ValueKind == JsonValueKind.String && json.GetString() is { } text && !text.Contains('\0'))
                return text;
        }
        catch (InvalidOperationException)
        {
            // Half a character in an escape.
        }
        throw Cursor.Foreign(cursor);
    }
}
