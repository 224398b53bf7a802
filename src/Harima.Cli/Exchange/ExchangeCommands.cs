using System.CommandLine;
using Harima.Cli.Output;
using Harima.Rest;

namespace Harima.Cli.Exchange;

static class ExportCommand
{
    public static Command Build()
    {
        var place = new Argument<string>("proposal/sequence");
        var format = new Option<string>("--format")
        {
            Description = "Such as benten-yaml, rde-invoice, scicat, datacite, ro-crate",
            Required = true,
        };
        var command = new Command("export", "Write the metadata of a sequence in another format") { place, format };
        command.SetSessionAction(
            async (parsed, session, cancellationToken) =>
            {
                var (proposal, sequence) = Place.ParseSequence(parsed.GetValue(place)!);
                var (text, notCarried) = await session.Rest.ExportMetadataAsync(
                    proposal,
                    sequence,
                    parsed.GetValue(format)!,
                    cancellationToken
                );
                Console.Out.WriteLine(text);
                foreach (var sentence in notCarried)
                    Console.Error.WriteLine("harima: not carried: " + Answer.Printable(sentence));
                return FaultToExitCode.Done;
            }
        );
        return command;
    }
}

static class ImportCommand
{
    public static Command Build()
    {
        var file = new Argument<string>("file");
        var place = new Argument<string>("proposal/sequence");
        var format = new Option<string>("--format")
        {
            Description = "Such as benten-yaml, rde-invoice, scicat, datacite, ro-crate",
            Required = true,
        };
        var trial = new Option<bool>("--trial") { Description = "Only say what would come of it" };
        var command = new Command("import", "Set the metadata of a sequence from a file in another format")
        {
            file,
            place,
            format,
            trial,
        };
        command.SetSessionAction(
            async (parsed, session, cancellationToken) =>
            {
                var (proposal, sequence) = Place.ParseSequence(parsed.GetValue(place)!);
                await using var stream = File.OpenRead(parsed.GetValue(file)!);
                var imported = await session.Rest.ImportMetadataAsync(
                    proposal,
                    sequence,
                    parsed.GetValue(format)!,
                    new StreamContent(stream),
                    parsed.GetValue(trial),
                    cancellationToken
                );
                return Answer.Write(
                    parsed,
                    imported,
                    HarimaJson.Default.ImportedMetadataDto,
                    answer =>
                    {
                        foreach (var text in new[] { answer.Measurement, answer.Sample })
                            if (text is not null)
                                Console.Out.WriteLine(text);
                        foreach (var sentence in answer.NotCarried)
                            Console.Error.WriteLine("harima: not carried: " + Answer.Printable(sentence));
                    }
                );
            }
        );
        return command;
    }
}
