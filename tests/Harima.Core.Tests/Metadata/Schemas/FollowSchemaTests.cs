using Harima.Identity;
using Harima.Metadata;
using Harima.Metadata.Annotations;
using Harima.Metadata.Schemas;
using Harima.Sequences;

namespace Harima.Core.Tests.Metadata.Schemas;

public sealed class FollowSchemaOnSqlite(SqliteFacility facility)
    : FollowSchemaTests(facility),
        IClassFixture<SqliteFacility>;

public sealed class FollowSchemaOnPostgres(PostgresFacility facility)
    : FollowSchemaTests(facility),
        IClassFixture<PostgresFacility>;

public abstract class FollowSchemaTests(TestFacility facility) : FacilityTests(facility)
{
    async Task<string> NewSequenceAsync()
    {
        var id = NewId();
        await Get<OpenSequence>().HandleAsync(new(TestFacility.Proposal, id), TestFacility.Member, Token);
        return id;
    }

    static RegisterSchemaRequest Request(string id, string json, string instrument = "") =>
        new(id, MetadataKind.Measurement, "", instrument, null, null, json);

    [Fact]
    public async Task What_Harima_ships_is_registered_at_the_start()
    {
        var all = await Get<MetadataSchemas>().ListAsync(retired: false, Token);
        Assert.Subset(
            all.Select(schema => schema.Id).ToHashSet(),
            new HashSet<string>
            {
                "measurement",
                "xafs",
                "powder-diffraction",
                "single-crystal-diffraction",
                "saxs",
                "imaging",
                "serial-crystallography",
                "sample",
            }
        );
        Assert.Equal(
            ("XAFS", 1L),
            all.Where(schema => schema.Id == "xafs").Select(schema => (schema.Title, schema.Version)).Single()
        );
    }

    [Fact]
    public async Task A_changed_text_is_the_next_version_and_who_follows_the_old_one_goes_on()
    {
        var register = Get<RegisterSchema>();
        var first = await register.HandleAsync(
            Request("versions", "{\"required\":[\"a\"]}"),
            TestFacility.Admin,
            Token
        );
        var id = await NewSequenceAsync();
        await Get<FollowSchema>()
            .HandleAsync(
                TestFacility.Proposal,
                id,
                MetadataKind.Measurement,
                "versions",
                null,
                TestFacility.Member,
                Token
            );
        var second = await register.HandleAsync(
            Request("versions", "{\"required\":[\"b\"]}"),
            TestFacility.Admin,
            Token
        );
        var same = await register.HandleAsync(Request("versions", "{\"required\":[\"b\"]}"), TestFacility.Admin, Token);
        Assert.Equal((1L, 2L, 2L), (first.Version, second.Version, same.Version));
        await register.RetireAsync("versions", 1, true, TestFacility.Admin, Token);
        var standing = await Get<FollowSchema>().StandingAsync(TestFacility.Leader, TestFacility.Proposal, id, Token);
        Assert.Equal(("versions/1", "$.a"), (standing[0].Schema!.Name, Assert.Single(standing[0].Missing).Path));
        Assert.NotNull(standing[0].Schema!.RetiredAt);
    }

    [Fact]
    public async Task A_draft_may_lack_what_is_required_and_is_told_what_is_missing_and_what_is_wrong()
    {
        var id = await NewSequenceAsync();
        await Get<FollowSchema>()
            .HandleAsync(TestFacility.Proposal, id, MetadataKind.Measurement, "xafs", null, TestFacility.Member, Token);
        await Get<SetMetadata>()
            .HandleAsync(
                TestFacility.Proposal,
                id,
                MetadataKind.Measurement,
                """{"title":"Pt foil","measurement":{"method":{"technique":"XAFS","element":"Xx"}}}""",
                TestFacility.Member,
                Token
            );
        var standing = (await Get<FollowSchema>().StandingAsync(TestFacility.Leader, TestFacility.Proposal, id, Token))[
            0
        ];
        Assert.False(standing.IsValid);
        Assert.Equal("$.measurement.method.element", Assert.Single(standing.Wrong).Path);
        Assert.Contains("$.measurement.method.edge", standing.Missing.Select(problem => problem.Path));
        Assert.Contains("$.instrument", standing.Missing.Select(problem => problem.Path));
        await Get<SetMetadata>()
            .HandleAsync(
                TestFacility.Proposal,
                id,
                MetadataKind.Measurement,
                """
                {"title":"Pt foil","instrument":{"beamline":"BL14B2"},"measurement":{"start_time":"2026-04-12T09:30:00+09:00",
                 "method":{"technique":"XAFS","element":"Pt","edge":"L3","detection":"transmission"}}}
                """,
                TestFacility.Member,
                Token
            );
        Assert.True(
            (await Get<FollowSchema>().StandingAsync(TestFacility.Leader, TestFacility.Proposal, id, Token))[0].IsValid
        );
    }

    [Fact]
    public async Task Only_administrators_register_and_a_text_that_is_no_schema_is_refused_with_its_place()
    {
        var register = Get<RegisterSchema>();
        foreach (
            var who in new[] { TestFacility.Leader, TestFacility.Staff, TestFacility.Stranger, Principal.Anonymous }
        )
            Assert.Equal(
                "facility-only",
                (await RefusedAsync(() => register.HandleAsync(Request("x", "{}"), who, Token))).Reason
            );
        var fault = await RefusedAsync(() =>
            register.HandleAsync(Request("x", "{\n \"type\": \"text\"}"), TestFacility.Admin, Token)
        );
        Assert.Equal(
            ("schema-invalid", "2", "10", "$.type"),
            (fault.Reason, fault.Fields["line"], fault.Fields["column"], fault.Fields["path"])
        );
        Assert.Equal(
            "schema-id",
            (await RefusedAsync(() => register.HandleAsync(Request("A b", "{}"), TestFacility.Admin, Token))).Reason
        );
    }

    [Fact]
    public async Task The_schema_of_the_beamline_is_suggested_first()
    {
        var follow = Get<FollowSchema>();
        var general = await follow.SuggestAsync("2026A9999", "BL01XU", MetadataKind.Sample, Token);
        Assert.Equal("sample", general!.Id);
        await Get<RegisterSchema>()
            .HandleAsync(Request("of-bl40", "{\"type\":\"object\"}", "BL40XU"), TestFacility.Admin, Token);
        Assert.Equal(
            "of-bl40",
            (await follow.SuggestAsync("2026A9999", "BL40XU", MetadataKind.Measurement, Token))!.Id
        );
        Assert.Equal(
            "measurement",
            (await follow.SuggestAsync("2026A9999", "BL01XU", MetadataKind.Measurement, Token))!.Id
        );
    }

    [Fact]
    public async Task What_is_registered_for_the_technique_and_the_beamline_is_offered_before_what_suits_less()
    {
        const string Beamline = "BL99XU";
        var register = Get<RegisterSchema>();
        foreach (
            var (id, technique, instrument) in new[]
            {
                ("offer-nrs-here", "核共鳴散乱", Beamline),
                ("offer-nrs", "nuclear resonant scattering-based techniques", ""),
                ("offer-here", "", Beamline),
                ("offer-nrs-elsewhere", "nuclear resonant scattering-based techniques", "BL01XX"),
                ("offer-raman-here", "raman spectroscopy", Beamline),
            }
        )
            await register.HandleAsync(
                Request(id, "{\"type\":\"object\"}", instrument) with
                {
                    Technique = technique,
                },
                TestFacility.Admin,
                Token
            );
        var offers = await OffersAsync(Beamline, "核共鳴散乱");
        Assert.Equal(
            [
                ("offer-nrs-here", SchemaSuits.TechniqueAtBeamline),
                ("offer-nrs", SchemaSuits.Technique),
                ("offer-here", SchemaSuits.Beamline),
                ("measurement", SchemaSuits.General),
            ],
            offers.Where(offer => offer.Suits != SchemaSuits.Other).Select(offer => (offer.Schema.Id, offer.Suits))
        );
        var others = offers.Where(offer => offer.Suits == SchemaSuits.Other).Select(offer => offer.Schema.Id).ToList();
        Assert.Contains("offer-nrs-elsewhere", others);
        // A Raman schema of this beamline is no first choice for something that is known to be no Raman measurement.
        Assert.Contains("offer-raman-here", others);
        Assert.Equal(
            SchemaSuits.Beamline,
            (await OffersAsync(Beamline)).Single(offer => offer.Schema.Id == "offer-raman-here").Suits
        );
    }

    [Theory]
    [InlineData("XANES", "xafs")]
    [InlineData("X線吸収端近傍構造", "xafs")]
    [InlineData("粉末X線回折", "powder-diffraction")]
    [InlineData("SXRD", "single-crystal-diffraction")]
    [InlineData("小角X線散乱", "saxs")]
    [InlineData("X線CT", "imaging")]
    [InlineData("SFX", "serial-crystallography")]
    [InlineData("dowsing", "measurement")]
    public async Task A_shipped_schema_is_offered_first_for_its_technique_by_any_name(
        string technique,
        string schema
    ) => Assert.Equal(schema, (await OffersAsync("BL01ZZ", technique))[0].Schema.Id);

    [Fact]
    public async Task One_schema_of_each_kind_is_the_general_one_and_stays_so_in_its_next_version()
    {
        var register = Get<RegisterSchema>();
        async Task<MetadataSchema> GeneralAsync() =>
            Assert.Single(
                await Get<MetadataSchemas>().ListAsync(retired: true, Token),
                schema => schema is { IsGeneral: true, Kind: MetadataKind.Sample }
            );
        Assert.Equal("sample", (await GeneralAsync()).Id);
        var request = Request("all-samples", "{\"type\":\"object\"}") with { Kind = MetadataKind.Sample };
        await register.HandleAsync(request with { IsGeneral = true }, TestFacility.Admin, Token);
        Assert.Equal("all-samples", (await GeneralAsync()).Id);
        await register.HandleAsync(request with { Json = "{\"type\":[\"object\"]}" }, TestFacility.Admin, Token);
        Assert.Equal("all-samples/2", (await GeneralAsync()).Name);
        Assert.Equal(
            "facility-only",
            (await RefusedAsync(() => register.MakeGeneralAsync("sample", TestFacility.Leader, Token))).Reason
        );
        await register.MakeGeneralAsync("sample", TestFacility.Admin, Token);
        Assert.Equal("sample", (await GeneralAsync()).Id);
    }

    Task<IReadOnlyList<SchemaOffer>> OffersAsync(string beamline, params string[] techniques) =>
        Get<FollowSchema>().OffersAsync("2026A9998", beamline, MetadataKind.Measurement, techniques, Token);

    [Fact]
    public async Task Keywords_are_one_way_of_writing_and_suggested_only_to_those_who_see_them()
    {
        var id = await NewSequenceAsync();
        var labels = Get<Labels>();
        await labels.AddAsync(
            TestFacility.Proposal,
            id,
            LabelKind.Keyword,
            " ＸＡＦＳ  foil ",
            TestFacility.Member,
            Token
        );
        await labels.AddAsync(TestFacility.Proposal, id, LabelKind.Keyword, "XAFS foil", TestFacility.Member, Token);
        await labels.AddAsync(TestFacility.Proposal, id, LabelKind.Tag, "good", TestFacility.Member, Token);
        var all = await labels.OfAsync(TestFacility.Leader, TestFacility.Proposal, id, Token);
        Assert.Equal(["XAFS foil", "good"], all.Select(label => label.Label));
        Assert.Contains(
            "XAFS foil",
            await labels.SuggestAsync(TestFacility.Leader, LabelKind.Keyword, "xafs", 10, Token)
        );
        Assert.Empty(await labels.SuggestAsync(TestFacility.Stranger, LabelKind.Keyword, "xafs", 10, Token));
        await labels.RemoveAsync(TestFacility.Proposal, id, LabelKind.Keyword, "XAFS foil", TestFacility.Leader, Token);
        Assert.Single(await labels.OfAsync(TestFacility.Leader, TestFacility.Proposal, id, Token));
        Assert.Equal(
            Faults.FaultCode.NotFound,
            (
                await RefusedAsync(() =>
                    labels.AddAsync(TestFacility.Proposal, id, LabelKind.Tag, "x", TestFacility.Stranger, Token)
                )
            ).Code
        );
    }

    [Fact]
    public async Task A_mention_reaches_those_who_may_read_the_sequence_and_nobody_else()
    {
        var id = await NewSequenceAsync();
        var comments = Get<Comments>();
        var comment = await comments.AddAsync(
            TestFacility.Proposal,
            id,
            "@leader look, @stranger and @nobody; mail a@member.jp",
            TestFacility.Member,
            Token
        );
        var told = Assert.Single(
            (await comments.MentionsAsync(TestFacility.Leader, unseen: true, null, 200, Token)).Items,
            mention => mention.SequenceId == id
        );
        Assert.Equal((comment.Id, "member", id), (told.CommentId, told.Author, told.SequenceId));
        Assert.Empty((await comments.MentionsAsync(TestFacility.Stranger, unseen: false, null, 200, Token)).Items);
        await comments.SeenAsync(TestFacility.Proposal, id, TestFacility.Leader, Token);
        Assert.DoesNotContain(
            (await comments.MentionsAsync(TestFacility.Leader, unseen: true, null, 200, Token)).Items,
            mention => mention.SequenceId == id
        );

        await comments.EditAsync(TestFacility.Proposal, id, comment.Id, "better", TestFacility.Member, Token);
        var fault = await RefusedAsync(() =>
            comments.EditAsync(TestFacility.Proposal, id, comment.Id, "no", TestFacility.Leader, Token)
        );
        Assert.Equal("not-author", fault.Reason);
        var page = await comments.OfAsync(TestFacility.Leader, TestFacility.Proposal, id, null, 10, Token);
        Assert.Equal(
            ("better", "member さん", true),
            (page.Items[0].Text, page.Items[0].AuthorName, page.Items[0].EditedAt is not null)
        );
        await comments.RemoveAsync(TestFacility.Proposal, id, comment.Id, TestFacility.Leader, Token);
        Assert.Empty((await comments.OfAsync(TestFacility.Leader, TestFacility.Proposal, id, null, 10, Token)).Items);
    }

    [Fact]
    public async Task Everybody_who_may_read_gives_one_rating()
    {
        var id = await NewSequenceAsync();
        var ratings = Get<Ratings>();
        await ratings.HandleAsync(TestFacility.Proposal, id, 5, TestFacility.Leader, Token);
        await ratings.HandleAsync(TestFacility.Proposal, id, 3, TestFacility.Leader, Token);
        await ratings.HandleAsync(TestFacility.Proposal, id, 4, TestFacility.Member, Token);
        Assert.Equal(
            new SequenceRating(3.5, 2, 4),
            await ratings.OfAsync(TestFacility.Member, TestFacility.Proposal, id, Token)
        );
        await ratings.HandleAsync(TestFacility.Proposal, id, null, TestFacility.Member, Token);
        Assert.Equal(
            new SequenceRating(3, 1, null),
            await ratings.OfAsync(TestFacility.Member, TestFacility.Proposal, id, Token)
        );
        Assert.Equal(
            "rating",
            (
                await RefusedAsync(() => ratings.HandleAsync(TestFacility.Proposal, id, 6, TestFacility.Member, Token))
            ).Reason
        );
    }
}
