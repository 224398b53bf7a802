using System.CommandLine;
using System.Text.Json;
using Harima.Cli.Output;
using Harima.Rest;

namespace Harima.Cli.Samples;

static class SamplesCommand
{
    public static Command Build() =>
        new("samples", "Samples: things that are measured")
        {
            BuildList(),
            BuildShow(),
            BuildAdd(),
            BuildRefer("refer", "Let a sequence refer to a sample", true),
            BuildRefer("unrefer", "Let a sequence refer to a sample no more", false),
        };

    static Command BuildList()
    {
        var text = new Argument<string?>("text")
        {
            Arity = ArgumentArity.ZeroOrOne,
            Description = "In id, name or description",
        };
        var proposal = new Option<string?>("--proposal") { Description = "Only of this proposal" };
        var command = new Command("list", "Those you may see, newest first") { text, proposal };
        command.SetSessionAction(
            async (parsed, session, cancellationToken) =>
            {
                var page = await session.Rest.ListSamplesAsync(
                    parsed.GetValue(proposal),
                    parsed.GetValue(text),
                    cancellationToken
                );
                return Answer.Write(
                    parsed,
                    page,
                    HarimaJson.Default.PageDtoSampleDto,
                    found =>
                        Answer.Table(
                            ["Sample", "Proposal", "Name", "Changed"],
                            found.Items.Select(sample =>
                                new[] { sample.Id, sample.ProposalId, sample.Name, Answer.Time(sample.ChangedAt) }
                            )
                        )
                );
            }
        );
        return command;
    }

    static Command BuildShow()
    {
        var id = new Argument<string>("sample");
        var command = new Command("show", "One with what it comes from and where it was measured") { id };
        command.SetSessionAction(
            async (parsed, session, cancellationToken) =>
            {
                var found = await session.Rest.GetSampleAsync(parsed.GetValue(id)!, cancellationToken);
                return Answer.Write(
                    parsed,
                    found,
                    HarimaJson.Default.SampleDetailDto,
                    detail =>
                    {
                        Console.Out.WriteLine(detail.Sample.Description.GetRawText());
                        foreach (var parent in detail.Parents)
                            Console.Out.WriteLine($"from {parent.Id} {Answer.Printable(parent.Name)}");
                        foreach (var child in detail.Children)
                            Console.Out.WriteLine($"to {child.Id} {Answer.Printable(child.Name)}");
                        foreach (var sequence in detail.Sequences)
                            Console.Out.WriteLine($"measured in {sequence}");
                    }
                );
            }
        );
        return command;
    }

    static Command BuildAdd()
    {
        var proposal = new Argument<string>("proposal");
        var file = new Argument<string>("file") { Description = "JSON object with at least \"names\"" };
        var from = new Option<string[]>("--from") { Description = "Sample it was made from; may be given again" };
        var command = new Command("add", "Describe a new one") { proposal, file, from };
        command.SetSessionAction(
            async (parsed, session, cancellationToken) =>
            {
                using var description = JsonDocument.Parse(
                    await File.ReadAllTextAsync(parsed.GetValue(file)!, cancellationToken)
                );
                var sample = await session.Rest.CreateSampleAsync(
                    parsed.GetValue(proposal)!,
                    new PutSampleDto(description.RootElement.Clone(), parsed.GetValue(from) ?? []),
                    cancellationToken
                );
                return Answer.Write(
                    parsed,
                    sample,
                    HarimaJson.Default.SampleDto,
                    made => Console.Out.WriteLine(made.Id)
                );
            }
        );
        return command;
    }

    static Command BuildRefer(string name, string description, bool refers)
    {
        var place = new Argument<string>("proposal/sequence");
        var id = new Argument<string>("sample");
        var command = new Command(name, description) { place, id };
        command.SetSessionAction(
            async (parsed, session, cancellationToken) =>
            {
                var (proposal, sequence) = Place.ParseSequence(parsed.GetValue(place)!);
                await session.Rest.SetSequenceSampleAsync(
                    proposal,
                    sequence,
                    parsed.GetValue(id)!,
                    refers,
                    cancellationToken
                );
                return Answer.Write(parsed, new OkDto(true), CliJson.Default.OkDto, _ => { });
            }
        );
        return command;
    }
}
