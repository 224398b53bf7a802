using System.Text;
using System.Text.Json;
using Harima.Faults;

namespace Harima.Catalogue;

/// <summary>One page of a list. A cursor is opaque; null where there is nothing more that way.</summary>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next, string? Previous = null);

/// <summary>Opaque keyset cursors: the sort values of the row to continue after.</summary>
static class Cursor
{
    public static string Encode(params object[] values) =>
        Convert
            .ToBase64String(JsonSerializer.SerializeToUtf8Bytes(values))
            .Replace('+', '-')
            .Replace('/', '_')
            .TrimEnd('=');

    public static JsonElement[] Decode(string cursor, int count)
    {
        try
        {
            var text = cursor.Replace('-', '+').Replace('_', '/');
            var bytes = Convert.FromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '='));
            var values = JsonSerializer.Deserialize<JsonElement[]>(Encoding.UTF8.GetString(bytes));
            if (values?.Length == count)
                return values;
        }
        catch (Exception fault) when (fault is FormatException or JsonException) { }
        throw Fault.Invalid(
            "bad-cursor",
            "The page cursor is not one this server gave. Start again from the first page.",
            ("cursor", cursor)
        );
    }
}
