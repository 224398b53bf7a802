using System.CommandLine;
using System.Globalization;
using System.Net.Http.Headers;
using Harima.Cli.Output;
using Harima.Rest;

namespace Harima.Cli.Metadata;

static class MetadataCommand
{
    public static Command Build() =>
        new("metadata", "The measurement and sample documents of a sequence")
        {
            BuildGet(),
            BuildSet(),
            BuildValidate(),
            BuildHistory(),
            BuildRestore(),
        };

    static Argument<string> PlaceArgument() => new("proposal/sequence");

    static Argument<string> KindArgument()
    {
        var kind = new Argument<string>("document") { Description = "measurement or sample" };
        kind.AcceptOnlyFromAmong("measurement", "sample");
        return kind;
    }

    static Command BuildGet()
    {
        var (place, kind) = (PlaceArgument(), KindArgument());
        var command = new Command("get", "Write a document, exactly as it is stored") { place, kind };
        command.SetSessionAction(
            async (parsed, session, cancellationToken) =>
            {
                var (proposal, sequence) = Place.ParseSequence(parsed.GetValue(place)!);
                Console.Out.Write(
                    await session.Rest.GetMetadataAsync(proposal, sequence, parsed.GetValue(kind)!, cancellationToken)
                );
                return FaultToExitCode.Done;
            }
        );
        return command;
    }

    static Command BuildSet()
    {
        var (place, kind) = (PlaceArgument(), KindArgument());
        var file = new Argument<string>("file") { Description = "JSON; - for standard input" };
        var schema = new Option<string?>("--schema")
        {
            Description = "Let it follow this schema, such as xafs or xafs/1",
        };
        var command = new Command("set", "Store a document of an open sequence") { place, kind, file, schema };
        command.SetSessionAction(
            async (parsed, session, cancellationToken) =>
            {
                var (proposal, sequence) = Place.ParseSequence(parsed.GetValue(place)!);
                var text = await ReadAsync(parsed.GetValue(file)!, cancellationToken);
                await session.Rest.PutMetadataAsync(
                    proposal,
                    sequence,
                    parsed.GetValue(kind)!,
                    BodyOf(text),
                    cancellationToken
                );
                if (parsed.GetValue(schema) is { } chosen)
                {
                    var (id, version) = SchemaOf(chosen);
                    await session.Rest.FollowSchemaAsync(
                        proposal,
                        sequence,
                        parsed.GetValue(kind)!,
                        new FollowSchemaDto(id, version),
                        cancellationToken
                    );
                }
                return Answer.Write(
                    parsed,
                    new OkDto(true),
                    CliJson.Default.OkDto,
                    _ =>
                        Console.Out.WriteLine(
                            $"The {parsed.GetValue(kind)} metadata of {proposal}/{sequence} is stored."
                        )
                );
            }
        );
        return command;
    }

    static Command BuildValidate()
    {
        var what = new Argument<string>("what") { Description = "A JSON file with --schema, or proposal/sequence" };
        var schema = new Option<string?>("--schema") { Description = "Such as xafs or xafs/1" };
        var command = new Command("validate", "Say what is missing and what is wrong by the schema") { what, schema };
        command.SetSessionAction(
            async (parsed, session, cancellationToken) =>
            {
                if (parsed.GetValue(schema) is { } chosen)
                {
                    var (id, version) = SchemaOf(chosen);
                    var name = parsed.GetValue(what)!;
                    var text = await ReadAsync(name, cancellationToken);
                    var answer = await session.Rest.CheckMetadataAsync(BodyOf(text), id, version, cancellationToken);
                    Answer.Write(
                        parsed,
                        answer,
                        HarimaJson.Default.MetadataCheckDto,
                        found => WriteProblems(name, found.Errors, found.Missing ?? [])
                    );
                    return answer.Valid ? FaultToExitCode.Done : FaultToExitCode.NotTaken;
                }
                var (proposal, sequence) = Place.ParseSequence(parsed.GetValue(what)!);
                var standings = await session.Rest.GetStandingAsync(proposal, sequence, cancellationToken);
                Answer.Write(
                    parsed,
                    standings,
                    HarimaJson.Default.ItemsDtoSchemaStandingDto,
                    all =>
                    {
                        foreach (var standing in all.Items)
                        {
                            var document = standing.Kind.ToString().ToLowerInvariant();
                            if (standing.Schema is not { } followed)
                                Console.Out.WriteLine($"{document}: follows no schema");
                            else
                            {
                                Console.Out.WriteLine(
                                    $"{document}: {followed.Id}/{followed.Version} {(standing.Valid == true ? "valid" : "not valid yet")}"
                                );
                                WriteProblems(document, standing.Errors, standing.Missing);
                            }
                        }
                    }
                );
                return standings.Items.Any(standing => standing.Valid == false)
                    ? FaultToExitCode.NotTaken
                    : FaultToExitCode.Done;
            }
        );
        return command;
    }

    static Command BuildHistory()
    {
        var place = PlaceArgument();
        var limit = new Option<int>("--limit") { Description = "How many, at most 50", DefaultValueFactory = _ => 20 };
        var command = new Command("history", "What was changed, when and by whom, newest first") { place, limit };
        command.SetSessionAction(
            async (parsed, session, cancellationToken) =>
            {
                var (proposal, sequence) = Place.ParseSequence(parsed.GetValue(place)!);
                var page = await session.Rest.ListMetadataChangesAsync(
                    proposal,
                    sequence,
                    parsed.GetValue(limit),
                    null,
                    cancellationToken
                );
                return Answer.Write(parsed, page, HarimaJson.Default.PageDtoMetadataChangeDto, Write);
            }
        );
        return command;
    }

    static Command BuildRestore()
    {
        var place = PlaceArgument();
        var change = new Argument<long>("change") { Description = "The number that 'metadata history' shows" };
        var before = new Option<bool>("--before") { Description = "The text before that change, not the one after it" };
        var command = new Command("restore", "Bring an earlier text back") { place, change, before };
        command.SetSessionAction(
            async (parsed, session, cancellationToken) =>
            {
                var (proposal, sequence) = Place.ParseSequence(parsed.GetValue(place)!);
                await session.Rest.RestoreMetadataAsync(
                    proposal,
                    sequence,
                    parsed.GetValue(change),
                    parsed.GetValue(before),
                    cancellationToken
                );
                return Answer.Write(
                    parsed,
                    new OkDto(true),
                    CliJson.Default.OkDto,
                    _ => Console.Out.WriteLine($"The metadata of {proposal}/{sequence} is restored.")
                );
            }
        );
        return command;
    }

    static void Write(PageDto<MetadataChangeDto> page)
    {
        foreach (var change in page.Items)
        {
            Console.Out.WriteLine(
                FormattableString.Invariant(
                    $"{change.Id}  {Answer.Time(change.At)}  {change.Actor}  {change.Kind.ToString().ToLowerInvariant()}{(change.Bulk is null ? "" : "  bulk")}"
                )
            );
            foreach (var one in change.Differences)
            {
                if (one.Before is not null)
                    Console.Out.WriteLine(Answer.Printable($"  - {one.Path} {one.Before}"));
                if (one.After is not null)
                    Console.Out.WriteLine(Answer.Printable($"  + {one.Path} {one.After}"));
            }
        }
    }

    static void WriteProblems(
        string name,
        IReadOnlyList<MetadataErrorDto> errors,
        IReadOnlyList<MetadataErrorDto> missing
    )
    {
        foreach (var error in errors)
            Console.Out.WriteLine(
                Answer.Printable(
                    FormattableString.Invariant($"{name}:{error.Line}:{error.Column}: {error.Path} {error.Message}")
                )
            );
        foreach (var error in missing)
            Console.Out.WriteLine(Answer.Printable($"{name}: missing {error.Path} ({error.Label})"));
    }

    internal static (string Id, long? Version) SchemaOf(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return
            slash > 0
            && long.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? (text[..slash], version)
            : (text, null);
    }

    internal static async Task<byte[]> ReadAsync(string file, CancellationToken cancellationToken)
    {
        if (file != "-")
            return await File.ReadAllBytesAsync(file, cancellationToken);
        using var bytes = new MemoryStream();
        await using var input = Console.OpenStandardInput();
        await input.CopyToAsync(bytes, cancellationToken);
        return bytes.ToArray();
    }

    internal static ByteArrayContent BodyOf(byte[] text) =>
        new(text) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
}
