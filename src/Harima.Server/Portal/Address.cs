namespace Harima.Portal;

/// <summary>Writes addresses with their state in the query; what is empty is left out.</summary>
static class Address
{
    public static string Of(string path, params (string Name, string? Value)[] query) =>
        path
        + QueryString.Create(
            query
                .Where(pair => !string.IsNullOrEmpty(pair.Value))
                .Select(pair => KeyValuePair.Create(pair.Name, pair.Value))
        );

    public static string Sequence(string proposalId, string sequenceId) =>
        $"/proposals/{proposalId}/sequences/{sequenceId}";

    /// <summary>Whether a path survives as the path of an address: browsers take <c>.</c>, <c>..</c> and empty names out of it.</summary>
    public static bool IsPlain(string key) => key.Split('/').All(segment => segment is not ("" or "." or ".."));

    public static string File(string key) => string.Join('/', key.Split('/').Select(Uri.EscapeDataString));
}
