using System.Globalization;
using Harima.Faults;

namespace Harima.Search.Query;

/// <summary>What can be wrong with a question. The reasons are keys of their translations; fields say where and what.</summary>
static class QueryFault
{
    /// <param name="position">Where in the text, in characters from 0; null where the question was not a text.</param>
    public static FaultException At(
        string reason,
        int? position,
        string message,
        params (string Name, string Value)[] fields
    ) =>
        Fault.Invalid(
            "query-" + reason,
            position is { } at
                ? string.Create(CultureInfo.InvariantCulture, $"{message} (at character {at + 1})")
                : message,
            position is { } there
                ? [.. fields, ("position", (there + 1).ToString(CultureInfo.InvariantCulture))]
                : fields
        );
}
