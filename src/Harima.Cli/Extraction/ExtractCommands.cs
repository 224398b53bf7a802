using System.CommandLine;
using Harima.Cli.Output;
using Harima.Rest;

namespace Harima.Cli.Extraction;

static class ExtractCommand
{
    public static Command Build()
    {
        var place = new Argument<string>("proposal/sequence");
        var again = new Option<bool>("--again") { Description = "Have the files read again in the background" };
        var command = new Command("extract", "What the headers of the files propose as metadata") { place, again };
        command.SetSessionAction(
            async (parsed, session, cancellationToken) =>
            {
                var (proposal, sequence) = Place.ParseSequence(parsed.GetValue(place)!);
                if (parsed.GetValue(again))
                    await session.Rest.ReadProposedMetadataAsync(proposal, sequence, cancellationToken);
                var found = await session.Rest.GetProposedMetadataAsync(proposal, sequence, cancellationToken);
                return Answer.Write(parsed, found, HarimaJson.Default.ExtractionDto, Write);
            }
        );
        return command;
    }

    static void Write(ExtractionDto found)
    {
        foreach (var problem in found.Problems)
            Console.Error.WriteLine($"harima: {Answer.Printable(problem.File)}: {Answer.Printable(problem.Message)}");
        if (found.Pending)
            Console.Error.WriteLine("harima: The files are being read; ask again in a moment.");
        Answer.Table(
            ["Path", "Value", "Unit", "Typed", "Said by"],
            found.Values.Select(value =>
                new[]
                {
                    value.Path,
                    value.Value,
                    value.Unit ?? "-",
                    value.State == ProposedState.Same ? "the same"
                    : value.State == ProposedState.Dismissed ? $"dismissed by {value.DismissedBy}"
                    : value.Typed ?? "-",
                    $"{value.File} {value.FilePath}"
                        + (value.Files > 1 ? $" and {value.Files - 1} more" : "")
                        + (value.AssumedZone is null ? "" : $" (states no time zone: {value.AssumedZone})"),
                }
            )
        );
    }
}

static class AcceptCommand
{
    public static Command Build()
    {
        var place = new Argument<string>("proposal/sequence");
        var paths = new Argument<string[]>("path")
        {
            Description =
                "Metadata paths whose proposal to take, also over what was typed; none for all that nothing was typed for",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var command = new Command("accept", "Take proposals of the files over into the metadata") { place, paths };
        command.SetSessionAction(
            async (parsed, session, cancellationToken) =>
            {
                var (proposal, sequence) = Place.ParseSequence(parsed.GetValue(place)!);
                List<AcceptedFieldDto>? fields = null;
                SeenVersionsDto? seen = null;
                if (parsed.GetValue(paths) is { Length: > 0 } named)
                {
                    var found = await session.Rest.GetProposedMetadataAsync(proposal, sequence, cancellationToken);
                    (fields, seen) = (ProposedFields.Of(found, named), found.Seen);
                }
                var accepted = await session.Rest.AcceptProposedMetadataAsync(
                    proposal,
                    sequence,
                    new AcceptRequest(fields, seen),
                    cancellationToken
                );
                return Answer.Write(
                    parsed,
                    accepted,
                    HarimaJson.Default.AcceptedDto,
                    answer =>
                    {
                        foreach (var path in answer.Paths)
                            Console.Out.WriteLine(path);
                    }
                );
            }
        );
        return command;
    }
}

static class DismissCommand
{
    public static Command Build()
    {
        var place = new Argument<string>("proposal/sequence");
        var paths = new Argument<string[]>("path")
        {
            Description = "Metadata paths whose proposals nobody wants; none for all",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var undo = new Option<bool>("--undo") { Description = "Propose again what was dismissed" };
        var command = new Command("dismiss", "Set proposals of the files aside, or bring them back")
        {
            place,
            paths,
            undo,
        };
        command.SetSessionAction(
            async (parsed, session, cancellationToken) =>
            {
                var (proposal, sequence) = Place.ParseSequence(parsed.GetValue(place)!);
                var fields = parsed.GetValue(paths) is { Length: > 0 } named
                    ? ProposedFields.Of(
                        await session.Rest.GetProposedMetadataAsync(proposal, sequence, cancellationToken),
                        named
                    )
                    : null;
                var dismissed = await session.Rest.DismissProposedMetadataAsync(
                    proposal,
                    sequence,
                    new DismissRequest(fields),
                    parsed.GetValue(undo),
                    cancellationToken
                );
                return Answer.Write(
                    parsed,
                    dismissed,
                    HarimaJson.Default.DismissedDto,
                    answer =>
                        Console.Out.WriteLine(
                            FormattableString.Invariant(
                                $"{answer.Count} {(parsed.GetValue(undo) ? "proposed again" : "dismissed")}"
                            )
                        )
                );
            }
        );
        return command;
    }
}

/// <summary>What is proposed for the paths somebody names.</summary>
static class ProposedFields
{
    public static List<AcceptedFieldDto> Of(ExtractionDto found, string[] paths) =>
        [
            .. paths.Select(path =>
                found.Values.FirstOrDefault(value => value.Path == path) is { } value
                    ? new AcceptedFieldDto(value.Path, value.Value, value.Unit)
                    : throw new UsageException($"The files propose nothing for '{path}'.")
            ),
        ];
}
