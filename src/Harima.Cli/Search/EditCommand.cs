using System.CommandLine;
using System.Text.Json;
using Harima.Cli.Metadata;
using Harima.Cli.Output;
using Harima.Rest;

namespace Harima.Cli.Search;

static class EditCommand
{
    public static Command Build()
    {
        var question = new Argument<string>("question") { Description = "As for 'harima find', in one argument" };
        var set = new Option<string[]>("--set")
        {
            Description = "measurement:PATH=VALUE or sample:PATH=VALUE; JSON, or else text. Again for more",
        };
        var remove = new Option<string[]>("--remove")
        {
            Description = "measurement:PATH or sample:PATH; again for more",
        };
        var apply = new Option<bool>("--apply") { Description = "Make the changes; otherwise some are only shown" };
        var wait = new Option<bool>("--wait") { Description = "Until they are made" };
        var command = new Command("edit", "Show, or make, a change of values in everything that a question finds")
        {
            question,
            set,
            remove,
            apply,
            wait,
        };
        command.SetSessionAction(
            async (parsed, session, cancellationToken) =>
            {
                var request = new EditFoundRequest(
                    parsed.GetValue(question)!,
                    [
                        .. (parsed.GetValue(set) ?? []).Select(SetOf),
                        .. (parsed.GetValue(remove) ?? []).Select(name => EditOf(name, null)),
                    ]
                );
                if (request.Edits.Count == 0)
                    throw new UsageException("Say what to change: --set measurement:PATH=VALUE or --remove PATH.");
                if (!parsed.GetValue(apply))
                {
                    var preview = await session.Rest.PreviewEditFoundAsync(request, cancellationToken);
                    return Answer.Write(parsed, preview, HarimaJson.Default.EditFoundPreviewDto, Write);
                }
                var edit = await session.Rest.EditFoundAsync(request, cancellationToken);
                if (parsed.GetValue(wait))
                    edit = await LargeEditsCommand.WaitAsync(session.Rest, edit, cancellationToken);
                Answer.Write(parsed, edit, HarimaJson.Default.LargeEditDto, LargeEditsCommand.Write);
                return LargeEditsCommand.CodeOf(edit);
            }
        );
        return command;
    }

    static MetadataEditDto SetOf(string text)
    {
        var at = text.IndexOf('=', StringComparison.Ordinal);
        if (at < 0)
            throw new UsageException($"'{text}' sets nothing. Write measurement:PATH=VALUE.");
        return EditOf(text[..at], text[(at + 1)..]);
    }

    static MetadataEditDto EditOf(string name, string? value)
    {
        var (kind, path) = name switch
        {
            _ when name.StartsWith("measurement:", StringComparison.Ordinal) => (
                MetadataKindDto.Measurement,
                name["measurement:".Length..]
            ),
            _ when name.StartsWith("sample:", StringComparison.Ordinal) => (
                MetadataKindDto.Sample,
                name["sample:".Length..]
            ),
            _ => throw new UsageException($"'{name}' names no document. Write measurement:PATH or sample:PATH."),
        };
        return new MetadataEditDto(kind, path, value is null ? null : ValueOf(value));
    }

    /// <summary>12.1, true, null, ["a"] and "12.1" are what they are in JSON; anything else is text.</summary>
    public static JsonElement ValueOf(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            return json.RootElement.Clone();
        }
        catch (JsonException)
        {
            using var json = JsonDocument.Parse("\"" + JsonEncodedText.Encode(text) + "\"");
            return json.RootElement.Clone();
        }
    }

    static void Write(EditFoundPreviewDto preview)
    {
        EditOutcomes.Write(preview.Some);
        Console.Error.WriteLine(
            $"{preview.Found}{(preview.More ? "+" : "")} found, {preview.Looked} looked at: "
                + $"{(preview.Looked < preview.Found ? "at least " : "")}{preview.Changing} would change, "
                + $"{preview.Unchanged} are so already, {preview.Refused} stay. Nothing was changed: --apply does it."
        );
    }
}
