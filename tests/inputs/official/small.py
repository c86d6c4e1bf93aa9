"""Official files in miniature, laid out as their publishers lay them out."""

from __future__ import annotations

AREA = (
    "time_period,time_identifier,geographic_level,country_code,country_name,"
    "region_code,region_name,old_la_code,la_name,new_la_code"
)
ENGLAND = "Reporting year,National,E92000001,England,,,,,"
REGION = "Reporting year,Regional,E92000001,England,E12000099,South Anywhere,,,"
LONDON = "Reporting year,Regional,E92000001,England,E13000001,Inner London,,,"
ANYSHIRE = (
    "Reporting year,Local authority,E92000001,England,E12000099,South Anywhere,"
    "999,Anyshire,E10000099"
)


def table(head: str, *rows: str, end: str = "\n") -> str:
    """Return a CSV text."""
    return end.join([head, *rows]) + end


RATES_2022 = table(
    f"{AREA},population_count,population_estimate,number,rate_per_10000",
    f"2022,{ENGLAND},Children looked after at 31 March each year,1000000,7010,70",
    f"2022,{ANYSHIRE},Children looked after at 31 March each year,20000,100,50",
    f"2022,{ANYSHIRE},Children starting to be looked after each year,20000,c,c",
    f"2021,{ANYSHIRE},Children looked after at 31 March each year,19000,z,z",
)
RATES_2023 = table(
    f"{AREA},population_type,population_estimate,children_count,rate_per_10000",
    f"2023,{ANYSHIRE},Children looked after on 31 March each year,21000,110,52",
    f"2022,{ANYSHIRE},Children looked after on 31 March each year,20500,101,49",
)
STARTED = table(
    f"{AREA},cla_group,characteristic,number,percentage",
    f"2022,{ANYSHIRE},Age group,1 to 4 years,12,k",
    f"2022,{ANYSHIRE},Age group,Total,40,100",
    f"2022,{ANYSHIRE},Gender,Female,c,c",
    f"2022,{ANYSHIRE},Taken into care,Not taken into care,20,50",
)
STABILITY_2022 = table(
    f"{AREA},cla_group,characteristic,number,percentage",
    f"2022,{ANYSHIRE},Children looked after continuously for at least 2.5 years at 31 March "
    'aged under 16 years,"Living in the same placement for at least 2 years, or are placed",40,66',
    f"2022,{ANYSHIRE},Children looked after at 31 March,With 3 or more placements during the "
    "year,9,9",
)
STABILITY_2023 = table(
    f"{AREA},cla_group,placement_stability,children_count,children_percent",
    f"2022,{ANYSHIRE},Children looked after continuously for at least 2.5 years on 31 March "
    "aged under 16 years,Living with the same carer for at least 2 years,41,67",
    f"2022,{ANYSHIRE},CLA on 31 March,With 3 or more placements during the year,9,9",
    f"2022,{ANYSHIRE},CLA 2 years on 31 March,Total children,60,100",
)
PLACEMENTS_2025 = table(
    f"{AREA},characteristic,breakdown,children_count,children_percent",
    f"2025,{ANYSHIRE},Location of new placements during the year,Total new placements,80,100",
    f"2025,{ANYSHIRE},Reason for placement change during the year,Allegation (s47),c,c",
)
NET_GAIN = table(
    f"{AREA},characteristic,number",
    f"2022,{ANYSHIRE},1. Children who are the responsibility of other LAs placed within this LA "
    "boundary,30",
    f"2022,{ANYSHIRE},2. Children who are the responsibility of this LA placed outside the LA "
    "boundary,50",
    f"2022,{ANYSHIRE},Net gain of children by responsible LA,-20",
)
SHORT_BREAKS = table(
    f"{AREA},cla_group,number",
    f"2022,{ANYSHIRE},Children who were only looked after exclusively under a series of short "
    "term placements,c",
)

POPULATION = table(
    f"{AREA},age_group,population_estimate",
    f"2021,{ANYSHIRE},Children aged 0 to 17 years,20500",
    f"2022,{ANYSHIRE},Children aged 0 to 17 years,21000",
    f"2022,{ENGLAND},Children aged 0 to 17 years,x",
)
SINGLE_YEARS = table(
    "ladcode23,laname23,country,sex,age,population_2021,population_2022",
    "E07000001,Northtown,E,f,0,10,11",
    "E07000001,Northtown,E,m,0,20,22",
    "E07000001,Northtown,E,f,1,7,8",
    "E07000001,Northtown,E,m,1,x,9",
    "E07000001,Northtown,E,f,26,5,5",
    "E07000001,Northtown,E,m,26,5,5",
)
PROJECTION = table(
    '"AREA_CODE","AREA_NAME","COMPONENT","SEX","AGE_GROUP","2022","2023"',
    "E07000001,Northtown,Population,persons,0,10.250,11.000",
    "E07000001,Northtown,Population,persons,90 and over,3.000,3.500",
    "E07000001,Northtown,Population,persons,All ages,900.000,910.000",
    "E07000001,Northtown,Births,persons,0,9.000,9.000",
    "E07000002,Southtown,Population,persons,0,20.000,21.500",
)
DISTRICTS = table(
    "LTLA22CD,LTLA22NM,UTLA22CD,UTLA22NM,ObjectId",
    "E07000001,Northtown,E10000099,Anyshire,1",
    "E07000002,Southtown,E10000099,Anyshire,2",
    "E07000003,Westtown,E10000098,Otherset,3",
    "E07000001,Northtown,E10000099,Anyshire,4",
)


def neighbours(of: str = "999", first: str = "101", closeness: str = "Close ") -> str:
    """Return the rows of an authority and its ten neighbours, as laid out in 2025."""
    names = ",".join(f"SN_{r},SN_{r}P" for r in range(1, 11))
    codes = [first, *(str(101 + r) for r in range(1, 10))]
    cells = ",".join(f"{c},{closeness}" for c in codes)
    return table(
        f"old_la_code,la_name,region_ind,region_name,{names}",
        f"{of},Anyshire,6,South Anywhere,{cells}",
    )


def neighbours_2021() -> str:
    """Return the rows of two authorities as laid out in 2021, blank row and note between."""
    names = ",".join(f"SN{r},SNP" for r in range(1, 11))
    cells = ",".join(f"{101 + r},{'Extremely' if r == 0 else 'Very'} Close" for r in range(10))
    other = ",".join(f"{201 + r},Extremely Close" for r in range(10))
    return table(
        f"LA num,LA Name,LA number,GOInd,GOReg,{names},",
        f"999,Anyshire,999,6,South Anywhere,{cells},",
        "," * 25,
        "," + "Old SNs:" + "," * 24,
        f"101,Öldshire (Pre LG),101,6,South Anywhere,{other},",
    )


OFSTED_HEAD = (
    "Web link,URN,Linked Education URN,Provision type,Registration date,Registration status,Name,"
    "Address 1,Postcode,Ofsted region,Government Office Region,Local authority,Sector,Places,"
    "Short-break-only children's home,Organisation which owns the provider,"
    '"Latest full inspection\ndate",Overall experiences and progress of children and young people,,'
)
OFSTED_ROWS = (
    "Page,SC000001,,Children's home,02/06/2021,Active,REDACTED,REDACTED,REDACTED,South East,"
    "South East,Anyshire,Private,5,,Any Care Ltd,07/02/2023,Good,,",
    "Page,2600002,,Independent Fostering Agency,13/06/2022,Active,Any Fostering,1 High Street,"
    "AA1 1AA,London,London,Otherset,Voluntary,,,Any Fostering,,,,",
    "Page,2600003,,Children's home,01/01/2020,Suspended,REDACTED,REDACTED,REDACTED,South East,"
    "East of England,Anyshire,Local Authority,4,Short-break-only children's home,Anyshire Council,"
    "01/03/2023,Requires improvement to be good,,",
)
OFSTED_TITLE = (
    "Social care data - Provider level as at 31 March 2023" + "," * 19,
    "This worksheet contains one table." + "," * 19,
)
OFSTED = table(*OFSTED_TITLE, OFSTED_HEAD, *OFSTED_ROWS)


UNIT_COSTS = """\
topic,lait_code,measure,area,old_la_code,period,value,value_raw
Finance,LACFinance,All,Anyshire,999.0,2022-23 (OT),2000.0,2000
Finance,FosteringFinance,Fostering,Anyshire,999.0,2022-23 (OT),,-
Finance,RescareFinance,Homes,England,970.0,2021-22,"5,980","5,980"
Finance,SENFinance,Other,Anyshire,999.0,a year,,none
"""
"""Three unit costs, one of them not available, and a row of another measure."""
