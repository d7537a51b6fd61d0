"""The five views of the dashboard as a Streamlit page over the same file: the peer that bench/dashboard.mjs opens."""

import os

import duckdb
import pandas as pd
import plotly.express as px
import streamlit as st

st.set_page_config(page_title="US retail", layout="wide")


@st.cache_resource
def connection():
    return duckdb.connect(os.environ["RETAIL_DB"], read_only=True)


@st.cache_data(ttl=600)
def ask(sql, parameters=()):
    return connection().cursor().execute(sql, list(parameters)).df()


year = st.sidebar.selectbox("Year", [2024])
months = ["All", *range(1, 13)]
month = st.sidebar.selectbox("Month", months, index=months.index(int(st.query_params["month"])) if "month" in st.query_params else 0)
location = st.sidebar.selectbox(
    "Location", ["All", *ask("SELECT DISTINCT location FROM marts.monthly_sales ORDER BY 1")["location"]]
)
scheme = st.sidebar.selectbox("Colours", ["blues", "cividis", "greens", "inferno", "magma", "plasma", "reds", "rainbow", "turbo", "viridis"])

where, bound = "year(month) = ?", [year]
if month != "All":
    where, bound = where + " AND month(month) = ?", [*bound, month]
if location != "All":
    where, bound = where + " AND location = ?", [*bound, location]

st.title("US retail")
left, middle, right = st.columns((2, 4, 2))

with left:
    st.subheader("Monthly quantity change")
    units = ask(f"SELECT location, month, sum(units) AS units FROM marts.monthly_sales WHERE {where} GROUP BY 1, 2 ORDER BY 1, 2", bound)
    units["change"] = units.groupby("location")["units"].pct_change()
    st.dataframe(units, height=400)

with middle:
    states = ask(f"SELECT state, sum(revenue) / sum(lines) AS average FROM marts.monthly_sales WHERE {where} GROUP BY 1", bound)
    st.plotly_chart(
        px.choropleth(states, locations="state", color="average", locationmode="USA-states", scope="usa", color_continuous_scale=scheme)
    )
    cells = ask(
        f"""SELECT location, month, sum(revenue) AS revenue FROM marts.monthly_sales WHERE {where} AND location IN
        (SELECT location FROM marts.monthly_sales GROUP BY 1 ORDER BY sum(revenue) DESC LIMIT 20) GROUP BY 1, 2""",
        bound,
    )
    grid = cells.pivot_table(index="location", columns="month", values="revenue", aggfunc="sum")
    st.plotly_chart(px.imshow(grid.astype(float), aspect="auto", color_continuous_scale=scheme))
    days = ask(
        f"""SELECT location, day, sum(revenue) AS revenue FROM marts.daily_sales JOIN marts.dim_store USING (store_id)
        WHERE {where.replace("(month)", "(day)")} AND location IN
        (SELECT location FROM marts.monthly_sales GROUP BY 1 ORDER BY sum(revenue) DESC LIMIT 5) GROUP BY 1, 2 ORDER BY 1, 2""",
        bound,
    )
    days["change"] = days.groupby("location")["revenue"].pct_change()
    st.line_chart(days, x="day", y="change", color="location")

with right:
    st.subheader("Top locations by category")
    top = ask(f"SELECT category, location, sum(revenue) AS revenue FROM marts.monthly_sales WHERE {where} GROUP BY 1, 2", bound)
    top["revenue"] = pd.to_numeric(top["revenue"])
    top = top.sort_values("revenue", ascending=False).groupby("category").head(3)
    st.dataframe(top, column_config={"revenue": st.column_config.ProgressColumn("revenue", max_value=float(top["revenue"].max() if len(top) else 1))})

st.markdown(f"done:{month}:{len(states)}")
