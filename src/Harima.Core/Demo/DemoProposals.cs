namespace Harima.Demo;

sealed record DemoBeamline(string Id, string Title, string TitleJa, string Staff);

sealed record DemoProposal(
    string Id,
    string Title,
    string TitleJa,
    DemoBeamline Beamline,
    DateOnly StartsOn,
    DateOnly EndsOn,
    string Leader,
    IReadOnlyList<string> Members
)
{
    /// <summary>Whether this person has to do with it by their role, sharing aside.</summary>
    public bool Concerns(DemoPerson person) =>
        person.Role == "admin" || Beamline.Staff == person.Id || Leader == person.Id || Members.Contains(person.Id);
}

/// <summary>The beamlines and the proposals that were granted time on them.</summary>
static class DemoProposals
{
    static readonly DemoBeamline Xafs = new("BL14B2", "XAFS", "X線吸収微細構造", "staff");
    static readonly DemoBeamline Powder = new("BL19B2", "Powder diffraction", "粉末X線回折", "staff");
    static readonly DemoBeamline Imaging = new("BL20B2", "X-ray imaging", "X線イメージング", "kobayashi");
    static readonly DemoBeamline Macromolecular = new(
        "BL41XU",
        "Macromolecular crystallography",
        "生体高分子結晶解析",
        "kobayashi"
    );

    static readonly DateOnly From2025B = new(2025, 9, 20);
    static readonly DateOnly To2025B = new(2026, 2, 15);
    static readonly DateOnly From2026A = new(2026, 4, 1);
    static readonly DateOnly To2026A = new(2026, 8, 10);

    public static readonly DemoProposal Ceria = new(
        "2026A1234",
        "In situ powder diffraction of ceria supports under heating",
        "昇温下におけるセリア担体のその場粉末X線回折",
        Powder,
        From2026A,
        To2026A,
        "leader",
        ["member", "ito"]
    );

    public static readonly DemoProposal FuelCell = new(
        "2026A1187",
        "Local structure of platinum catalysts for fuel cells",
        "燃料電池用白金触媒の局所構造解析",
        Xafs,
        From2026A,
        To2026A,
        "leader",
        ["member", "yamamoto"]
    );

    public static readonly DemoProposal Corrosion = new(
        "2025B1456",
        "Oxidation states of copper and iron in corrosion layers",
        "腐食生成物中の銅および鉄の酸化状態",
        Xafs,
        From2025B,
        To2025B,
        "ito",
        ["yamamoto"]
    );

    public static readonly DemoProposal Pores = new(
        "2026A1302",
        "Three-dimensional pore structure of reservoir rocks",
        "貯留岩の三次元空隙構造",
        Imaging,
        From2026A,
        To2026A,
        "watanabe",
        ["takahashi"]
    );

    public static readonly DemoProposal Lysozyme = new(
        "2026A1419",
        "Serial crystallography of lysozyme microcrystals at room temperature",
        "リゾチーム微結晶の室温シリアル結晶構造解析",
        Macromolecular,
        From2026A,
        To2026A,
        "takahashi",
        ["watanabe", "ito"]
    );

    public static readonly DemoProposal Alloys = new(
        "2025B1077",
        "Lattice parameters of nickel, copper and iron powders for additive manufacturing",
        "積層造形用ニッケル・銅・鉄粉末の格子定数",
        Powder,
        From2025B,
        To2025B,
        "yamamoto",
        ["leader"]
    );

    public static readonly IReadOnlyList<DemoProposal> All = [Ceria, FuelCell, Corrosion, Pores, Lysozyme, Alloys];

    public static readonly IReadOnlyList<DemoBeamline> Beamlines = [Xafs, Powder, Imaging, Macromolecular];
}
