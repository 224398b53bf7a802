using System.Text.Json.Serialization;

namespace Harima.Portal.Sequences;

/// <summary>A command to paste; the selection island puts the chosen sequences in.</summary>
/// <param name="Text"><c>{proposal} {sequence} {bucket}</c> repeat the line for each; <c>{query}</c> stands for all.</param>
sealed record CommandTemplate(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("text")] string Text,
    [property: JsonPropertyName("note")] string Note
);

static class DownloadCommands
{
    public static IReadOnlyList<CommandTemplate> For(string portal, string s3, string region, Texts texts) =>
        [
            new("harima", $"harima get --server {portal} {{proposal}}/{{sequence}}", texts["Commands.Harima"]),
            new(
                "aws",
                $"aws --endpoint-url {s3} s3 sync s3://{{bucket}}/{{sequence}}/ {{proposal}}/{{sequence}}/",
                texts["Commands.Aws"]
            ),
            new(
                "rclone",
                $"rclone copy --transfers 8 \":s3,provider=Other,env_auth,force_path_style,region={region},endpoint='{s3}':{{bucket}}/{{sequence}}\" {{proposal}}/{{sequence}}",
                texts["Commands.Rclone"]
            ),
            new(
                "curl",
                $"curl -fL -C - -H \"Authorization: Bearer $HARIMA_TOKEN\" -o harima.tar \"{portal}/download?format=tar&{{query}}\"",
                texts["Commands.Curl"]
            ),
        ];

    public static string Fill(CommandTemplate template, string proposalId, string sequenceId) =>
        template
            .Text.Replace("{proposal}", proposalId, StringComparison.Ordinal)
            .Replace("{sequence}", sequenceId, StringComparison.Ordinal)
            .Replace("{bucket}", proposalId.ToLowerInvariant(), StringComparison.Ordinal)
            .Replace("{query}", $"s={proposalId}/{sequenceId}", StringComparison.Ordinal);
}
