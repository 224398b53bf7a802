using System.Globalization;

namespace Harima.Portal.Metadata;

/// <summary>The value of a <see cref="SchemaChoice"/>: <c>xafs/1</c>, or nothing.</summary>
static class ChosenSchema
{
    public static (string? Id, long? Version) Parse(string? chosen)
    {
        if (string.IsNullOrWhiteSpace(chosen))
            return (null, null);
        var parts = chosen.Split('/');
        return
            parts.Length == 2
            && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? (parts[0], version)
            : (parts[0], null);
    }
}
